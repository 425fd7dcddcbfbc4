"""Ctrl-C between two stages, or while one is recorded, is what it is within a stage: said, recorded, and resumable."""

from __future__ import annotations

import json
import sys

import pytest

from icon.cli import main
from icon.errors import InterruptedRun
from icon.runs.run import Run

SETTINGS = {"keep": 4, "report": True}


@pytest.fixture
def files(tmp_path):
    for name, n in (("pool", 20), ("tasks", 3)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i}"} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(tmp_path / "pool.jsonl"), str(tmp_path / "tasks.jsonl"), tmp_path / "run"


def press(monkeypatch, method, n):
    """Press Ctrl-C when a method of the run is called for the n-th time."""
    original, calls = getattr(Run, method), []

    def counted(self, *arguments, **more):
        calls.append(more)
        if len(calls) == n:
            raise KeyboardInterrupt
        return original(self, *arguments, **more)

    monkeypatch.setattr(Run, method, counted)
    return calls


@pytest.mark.parametrize("method", ["save", "note"])
def test_at_whatever_moment_the_run_says_that_it_was_interrupted_and_goes_on(
    prepare, start, files, monkeypatch, method
):
    with monkeypatch.context() as counting:
        calls = press(counting, method, 0)
        start(files[0], files[1], files[2].with_name("whole"), **SETTINGS)
    for moment in sorted({1 + len(calls) * quarter // 4 for quarter in range(4)}):
        out = files[2].with_name(f"run-{moment}")
        with monkeypatch.context() as pressing:
            opened = prepare(files[0], files[1], out, **SETTINGS)
            press(pressing, method, moment)
            with pytest.raises(InterruptedRun, match="interrupted; what is finished is kept"):
                opened.all_stages()
        if (out / "run.json").exists():
            assert json.loads((out / "run.json").read_text())["status"] in ("interrupted", "done")
        again = start(files[0], files[1], out, **SETTINGS)
        assert again.manifest.status == "done"
        for name in ("selected.jsonl", "scores.parquet", "explained.jsonl"):
            assert (out / name).read_bytes() == (files[2].with_name("whole") / name).read_bytes()


def test_behind_the_third_stage_it_is_said_that_the_selection_is_whole_and_the_run_is_done(prepare, files, monkeypatch):
    def pressed(run, *_arguments, **_more):
        run.begin_measuring()
        raise KeyboardInterrupt

    monkeypatch.setattr("icon.results.explain.examples", pressed)
    opened = prepare(*files, **SETTINGS)
    with pytest.raises(InterruptedRun, match=r"the selection is whole\. To use it: icon export .*/run --to trl$"):
        opened.all_stages()
    assert json.loads((files[2] / "run.json").read_text())["status"] == "done"


def test_the_time_at_which_a_run_was_ended_is_its_last_and_not_that_of_its_first_stage(prepare, files, monkeypatch):
    days = iter(f"2031-01-0{day}T00:00:00+00:00" for day in range(1, 10))
    monkeypatch.setattr("icon.pipeline.stages._now", lambda: next(days))
    opened = prepare(*files, **SETTINGS)
    opened.assess()  # begun on the first, done on the second
    press(monkeypatch, "begin_measuring", 1)
    with pytest.raises(InterruptedRun):
        opened.score()
    assert json.loads((files[2] / "run.json").read_text())["times"]["finished"][:10] == "2031-01-03"


def test_ctrl_c_outside_of_a_run_is_said_too(capsys, monkeypatch):
    from icon.cli import _app

    def pressed():
        raise KeyboardInterrupt

    monkeypatch.setattr(_app, "build_app", pressed)
    monkeypatch.setattr(sys, "argv", ["icon", "run", "my pool.jsonl"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert "stopped: interrupted. To go on: icon run 'my pool.jsonl'" in capsys.readouterr().err
