"""A run that was stopped with a selection: whatever is made of it works, and says that it is partial."""

from __future__ import annotations

import json
import random

import pytest

import icon
from icon.pipeline import measuring
from icon.results import explain, report, wording
from icon.results.compare import compare_runs
from icon.results.export import RunSource, export
from icon.results.records import summary_of
from icon.testing import FakeBackend
from support.opened import Opened

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty"]
SETTINGS = {"capture": 1.0, "selector": "auto", "template": "plain", "baselines": (), "schedule": "uniform"}


@pytest.fixture
def files(tmp_path):
    """A pool whose candidates show none to nine of ten words, and forty tasks that ask for five of them."""
    draw = random.Random(5)
    shown = [draw.sample(WORDS, i % 10) for i in range(30)]
    pool = [{"instruction": f"number {i}", "output": " ".join([f"it is {i}", *words])} for i, words in enumerate(shown)]
    tasks = [{"instruction": f"task {i}", "output": " ".join(draw.sample(WORDS, 5))} for i in range(40)]
    for name, records in (("pool", pool), ("tasks", tasks)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(tmp_path / "pool.jsonl"), str(tmp_path / "tasks.jsonl"), tmp_path / "run"


@pytest.fixture
def stopped(prepare, files, stop_after, monkeypatch):
    """The folder of a race in which Ctrl-C was pressed once all 30 candidates were measured and some once more."""
    monkeypatch.setattr(measuring, "TOKENS_PER_PART", 900)
    opened = prepare(*files, stop_after(45), **SETTINGS)
    opened.all_stages()
    assert opened.manifest.status == "interrupted"
    assert opened.manifest.has_selection
    return files[2]


def test_export_works_and_its_card_says_partial_first(stopped, tmp_path):
    from icon.pipeline.builtin import default_plugins

    done = export(RunSource.of(stopped, default_plugins), "datasets", out=tmp_path / "data")
    assert done.records == 5  # 15% of 30, rounded
    assert any(note.startswith("partial: the run was stopped") for note in done.notes)
    card = (tmp_path / "data/README.md").read_text()
    assert "**Partial: the run was stopped" in card


def test_a_result_is_loaded_and_its_advice_is_partial(stopped):
    found = icon.load_run(stopped)
    assert len(found.selected()) == sum(row.selected for row in found.rows) > 0
    assert found.advice.kind == "partial"


def test_a_comparison_warns_of_it(stopped, start, files, tmp_path):
    start(files[0], files[1], tmp_path / "whole", template="plain", baselines=("length",))
    found = compare_runs([stopped, tmp_path / "whole"])
    assert [warning for warning in found.warnings if warning.startswith(f"{stopped}: partial")]


def test_an_explanation_says_so(stopped):
    opened = Opened.at(stopped, FakeBackend(), recording=False)
    found = explain.explain(opened.run, opened.model, "row:9", tokens=False)
    assert found.of_run == "stopped"
    assert found.notes[0].startswith("partial: the run was stopped")


def test_the_report_is_drawn_and_says_so(stopped, tmp_path):
    opened = Opened.at(stopped, FakeBackend(), recording=False)
    page = report.report(opened.run, opened.pool, tmp_path / "page.html", [])
    assert "Partial" in page.read_text()


def test_the_summary_and_its_json_begin_with_it(stopped):
    opened = Opened.at(stopped, FakeBackend(), recording=False)
    said = summary_of(opened.manifest, stopped).advice
    assert (said.kind, said.sentence.split(":")[0]) == ("partial", "Partial")
    assert said.commands[0] == f"icon run --config {stopped}/run.json --out {stopped}"
    assert wording.measured(opened.manifest.results) in said.why


def test_the_command_it_gives_goes_on_to_the_end(stopped, prepare, files):
    opened = prepare(*files, **SETTINGS)
    opened.all_stages()
    assert opened.manifest.status == "done"
    assert summary_of(opened.manifest, stopped).advice.kind != "partial"
