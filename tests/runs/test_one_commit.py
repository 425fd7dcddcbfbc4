"""A selection is published by one rename: a process killed at any step leaves the old one or the new one, whole."""

import json
import shutil

import pytest

import icon
from icon.errors import RunError
from icon.runs.ledger import opened
from icon.runs.outputs import read_records
from icon.runs.scores import scores_of
from support.killed import killed_at, steps
from support.small_pool import write_small_pool
from support.tiers import of_tier

SETTINGS = {"scorer": "length", "baselines": ("random",), "selector": "top", "keep": "3", "report": False}
LEFTOVERS = (".next", ".tmp", ".lock")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run that kept 3; it has a page, which its settings do not ask for."""
    folder = tmp_path_factory.mktemp("made")
    write_small_pool(folder)
    icon.run(folder / "pool.jsonl", assessment=folder / "tasks.jsonl", out=folder / "run", **SETTINGS)
    icon.write_report(folder / "run")
    return folder / "run"


def state(run):
    """What a reader sees: how much was to be kept, the rows of the table, and the records."""
    directory, manifest = opened(run)
    rows = scores_of(directory, manifest)
    records = [record.raw for record in read_records(directory, rows, "selected", manifest)]
    assert len(records) == sum(row.selected for row in rows) == manifest.results.selected
    return manifest.stages.select.keep, tuple(row.id for row in rows if row.selected), tuple(records)


def leftovers(run):
    return [path.name for path in run.rglob("*") if path.name.endswith(LEFTOVERS) or path.name.startswith(".lock")]


def contents(run):
    """Every file, without what differs between two runs of the same settings."""
    found = {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    manifest = json.loads(found.pop("run.json"))
    return found | {name: manifest[name] for name in ("status", "stages", "results", "warnings", "config", "files")}


def test_a_select_that_is_killed_at_any_step_leaves_one_selection_whole_and_the_next_one_finishes(
    made, tmp_path, command_line
):
    whole = shutil.copytree(made, tmp_path / "whole")
    old = state(whole)
    command_line("select", whole, "--keep", "5", code=0)
    new = state(whole)
    assert old != new
    seen = []
    for step, run in steps(
        lambda run: command_line("select", run, "--keep", "5"),
        lambda step: shutil.copytree(made, tmp_path / f"{step}/whole"),
        every=of_tier(2, 1),
    ):
        found = state(run)
        assert found in (old, new), step
        seen.append(found == new)
        if step % 4 == 1:
            icon.export(run, "own", tmp_path / f"{step}.jsonl")
            assert (tmp_path / f"{step}.jsonl").read_bytes() == b"".join(raw + b"\n" for raw in state(run)[2])
        command_line("select", run, "--keep", "5", code=0)
        assert contents(run) == contents(whole), step
        assert leftovers(run) == [], step
    assert seen == sorted(seen)  # the old one up to a step, from then on the new one
    assert {True, False} == set(seen)


def test_a_run_that_is_killed_at_any_step_of_its_last_stages_goes_on_to_the_same_files(made, tmp_path, command_line):
    whole = shutil.copytree(made, tmp_path / "whole")
    command_line("select", whole, code=0)

    def run_again(run):
        command_line("run", made.parent / "pool.jsonl", *words, "--out", run)

    words = ["--assessment", made.parent / "tasks.jsonl", "--scorer", "length", "--baseline", "random"]
    words += ["--selector", "top", "--keep", "3", "--no-report"]
    copies = steps(run_again, lambda step: shutil.copytree(made, tmp_path / f"{step}/run"), every=of_tier(4, 1))
    for step, run in copies:
        state(run)
        run_again(run)
        assert contents(run) == contents(whole), step
        assert leftovers(run) == [], step


def test_a_page_of_an_earlier_selection_does_not_stay_beside_a_later_one(made, tmp_path, command_line):
    run = shutil.copytree(made, tmp_path / "run")
    assert killed_at(1, lambda: command_line("select", run, "--keep", "5"), name="report.html")
    assert (state(run)[0], (run / "report.html").exists()) == ("5", True)
    command_line("score", run, code=0)
    assert not (run / "report.html").exists()


def test_a_reader_has_one_selection_whole_while_another_is_published(made, tmp_path, command_line):
    run = shutil.copytree(made, tmp_path / "run")
    directory, manifest = opened(run)
    before = scores_of(directory, manifest)
    command_line("select", run, "--keep", "5", code=0)
    assert scores_of(directory, manifest) == before
    assert len(list(read_records(directory, before, "selected", manifest))) == 3
    assert sum(row.selected for row in icon.load_run(run).rows) == 5


def test_a_page_that_was_drawn_of_an_earlier_selection_is_not_published(made, tmp_path, command_line, monkeypatch):
    from icon.results import report as reporting
    from icon.results.report import _writing

    run, draw = shutil.copytree(made, tmp_path / "run"), _writing.render

    def meanwhile(page):
        monkeypatch.setattr(_writing, "render", draw)
        command_line("select", run, "--keep", "5", code=0)
        return draw(page)

    monkeypatch.setattr(_writing, "render", meanwhile)
    message = command_line("report", run, code=1).stderr
    assert "another command selected anew while the page was drawn" in message
    assert f"icon report {run}" in message
    assert reporting


def test_a_select_that_fails_on_a_full_disk_changes_nothing(made, tmp_path, command_line, monkeypatch):
    from icon.runs import staging

    run = shutil.copytree(made, tmp_path / "run")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging.StagedFile, "complete", full)
    assert "cannot be written: No space left on device" in command_line("select", run, "--keep", "5", code=1).stderr
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    with pytest.raises(RunError):
        icon.write_report(run)
