"""What a run was measured with is held: another version, another plan, or another need is refused, never mixed in."""

import json
import shutil
from dataclasses import replace

import pytest

import icon
from icon.errors import ConfigError, PluginError, RunError
from icon.pipeline.measuring import Share
from icon.results import report
from icon.runs.manifest import load_manifest
from icon.samples.pool_samples import PoolSamples
from icon.selection import TopSelector
from icon.testing import FakeBackend
from support.opened import Opened
from support.sealed import seal


@pytest.fixture(scope="module")
def made(tmp_path_factory, pool, few_tasks):
    given = {"assessment": few_tasks, "scorer": "icon", "baselines": ("random",), "keep": 0.2, "report": False}
    return icon.run(pool, backend=FakeBackend(), out=tmp_path_factory.mktemp("made") / "run", **given).path


@pytest.fixture
def run(made, tmp_path):
    return icon.load_run(shutil.copytree(made, tmp_path / "run"))


def test_a_run_notes_the_distributions_its_measurements_are_of(run):
    held = load_manifest(run.path / "run.json").inputs.offered_by
    assert held["icon"]["scorer icon"] == f"icon-select {icon.__version__}"
    assert held["icon"]["reader alpaca"] == f"icon-select {icon.__version__}"
    assert held.keys() == {"icon", "random"}


def test_a_part_that_is_still_to_measure_is_refused_under_another_version(run):
    path = run.path / "run.json"
    told = json.loads(path.read_text())
    told["inputs"]["offered_by"]["icon"]["scorer icon"] = "icon-select 0.0.1"
    seal(run.path, inputs=told["inputs"])
    next((run.path / "contributions").glob("part-0*")).unlink()
    with pytest.raises(ConfigError, match=r"scorer icon: \"icon-select 0.0.1\" -> \"icon-select"):
        Opened.at(run.path, FakeBackend()).score()


def test_nothing_is_refused_where_nothing_is_left_to_measure(run):
    path = run.path / "run.json"
    path.write_text(path.read_text().replace("icon-select 0", "icon-select 9"))
    seal(run.path)
    Opened.at(run.path).select()


def test_parts_of_other_candidates_than_the_plans_are_refused(run):
    opened = Opened.at(run.path, FakeBackend())
    others = [*opened.samples][::-1]  # as another reader of the same bytes might give them
    others[0] = others[1]
    opened.pool.samples = replace(opened.pool.samples, samples=PoolSamples.of(others))
    with pytest.raises(RunError, match="has other pairs than this run asks for now"):
        opened.score()


def test_a_baseline_that_makes_the_run_need_a_held_out_set_is_refused(tmp_path, pool):
    given = {"backend": FakeBackend(), "out": tmp_path / "run", "scorer": "ppl", "keep": 0.2, "report": False}
    icon.run(pool, baselines=("random",), **given)
    with pytest.raises(ConfigError, match="some scorer needs an assessment set, which was not so"):
        icon.run(pool, baselines=("icon",), **given)


def test_the_same_settings_never_come_to_other_candidates_after_a_baseline_that_took_some(tmp_path, pool):
    given = {"backend": FakeBackend(), "out": tmp_path / "run", "scorer": "ppl", "keep": 0.2, "report": False}
    icon.run(pool, baselines=("icon",), assessment_size=6, **given)
    with pytest.raises(ConfigError, match="no scorer needs an assessment set, which was not so"):
        icon.run(pool, baselines=("random",), assessment_size=6, **given)


def test_ctrl_c_while_the_page_is_drawn_leaves_a_finished_run(run, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "report", pressed)
    opened = Opened.at(run.path)
    opened.settings(report=True)
    with pytest.raises(icon.InterruptedRun):
        opened.report()
    assert icon.load_run(run.path).rows


def test_a_page_that_cannot_be_drawn_is_told_and_takes_nothing_from_the_run(run, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("no bins")

    monkeypatch.setattr(report, "report", broken)
    opened = Opened.at(run.path)
    opened.settings(report=True)
    opened.report()
    (told,) = load_manifest(run.path / "run.json").warnings["report"]
    assert "ZeroDivisionError: no bins" in told
    assert f"icon report {run.path}" in told
    assert icon.load_run(run.path).rows


def test_a_selection_anew_removes_the_page_of_the_old_one(run):
    (run.path / "report.html").write_text("<!doctype html> the old selection")
    Opened.at(run.path).select()
    assert not (run.path / "report.html").exists()


def test_a_share_of_a_race_refuses_further_scorers(tmp_path, pool, tasks):
    given = {"assessment": tasks, "keep": 0.2, "report": False}
    run = icon.run(pool, backend=FakeBackend(), out=tmp_path / "raced", **given)
    opened = Opened.at(run.path, FakeBackend())
    with pytest.raises(ConfigError, match="--share: in a race only"):
        opened.share(Share(0, 2), "ppl")


def test_tokens_that_cannot_be_read_take_no_page_from_the_run(run):
    (run.path / "explained.jsonl").write_text("broken\n")
    opened = Opened.at(run.path)
    opened.settings(report=True)
    opened.report()
    examples, page = load_manifest(run.path / "run.json").warnings["report"]
    assert "the tokens of examples are left out of the report" in examples
    assert page.startswith("tokens are not shown")
    assert (run.path / "report.html").is_file()


@pytest.mark.parametrize("wrong", [lambda found: found[:-1], lambda found: [*found, found[0]]])
def test_a_selector_that_forgets_or_repeats_a_candidate_is_named_and_takes_nothing_from_the_run(
    run, monkeypatch, wrong
):
    page = run.path / "report.html"
    page.write_text("<!doctype html>")
    before = (run.path / "scores.parquet").read_bytes()
    right = TopSelector.select

    def select(self, task):
        found = right(self, task)
        return replace(found, decisions=wrong(list(found.decisions)))

    monkeypatch.setattr(TopSelector, "select", select)
    opened = Opened.at(run.path)
    with pytest.raises(PluginError, match=r"selector top: found [02] decisions for candidate .*, expected 1"):
        opened.select(selector="top")
    assert (run.path / "scores.parquet").read_bytes() == before
    assert page.exists()
