"""A run that is done stays done until something is measured; then a selection is what is left, and it is said."""

import json
import shutil

import pytest

import icon
from icon.plugins import StageStarted, hookimpl
from icon.testing import FakeBackend
from support.opened import Opened


@pytest.fixture(scope="module", params=["exact", "race"])
def made(request, tmp_path_factory, pool, tasks):
    """The folder of a run that is done, with every pair measured or raced."""
    settings = {"schedule": request.param, "keep": 0.2, "baselines": ("random",), "report": False}
    out = tmp_path_factory.mktemp("made") / "run"
    return icon.run(pool, backend=FakeBackend(), assessment=tasks, out=out, **settings).path


@pytest.fixture
def finished(made, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(made, tmp_path / "run")


def status(path):
    return json.loads((path / "run.json").read_text())["status"]


@pytest.mark.parametrize("stage", [Opened.assess, Opened.score])
def test_a_stage_with_nothing_left_to_do_leaves_the_run_done(finished, stage):
    opened = Opened.at(finished, FakeBackend())
    stage(opened)
    assert opened.manifest.status == status(finished) == "done"


def test_a_part_that_was_lost_and_measured_again_asks_for_a_selection(finished):
    next(iter(sorted(finished.glob("contributions/**/part-000000-*.parquet")))).unlink()
    seen = []

    class Watching:
        @hookimpl
        def icon_event(self, event):
            if isinstance(event, StageStarted) and event.stage.startswith("scoring"):
                seen.append(status(finished))

    opened = Opened.at(finished, FakeBackend())
    opened.plugins.register(Watching(), "watching")
    opened.score()
    assert seen == ["running"]  # while it measures, too: whatever kills it then leaves run.json true
    assert status(finished) == "running"
    opened.select()
    assert status(finished) == "done"


def test_another_scorer_asks_for_a_selection(finished):
    Opened.at(finished, FakeBackend()).score("length")
    assert status(finished) == "running"


def test_an_interrupt_before_anything_is_measured_leaves_the_run_done(finished, monkeypatch):
    opened = Opened.at(finished, FakeBackend())
    monkeypatch.setattr("icon.pipeline.score.hold_files", _press)
    with pytest.raises(icon.InterruptedRun):
        opened.score()
    assert status(finished) == "done"


def _press(*_arguments):
    raise KeyboardInterrupt


def test_the_command_says_what_is_left(command_line, tmp_path, pool):
    command_line("run", pool, "--scorer", "length", "--baseline", "random", "--no-report", "--out", "mine", code=0)
    told = command_line("score", "mine", code=0)
    assert "nothing was left to measure" in told.stdout
    assert "icon select" not in told.stdout + told.stderr
    next(iter((tmp_path / "mine/contributions").glob("part-*.parquet"))).unlink()
    told = command_line("score", "mine", code=0)
    assert "next: icon select mine" in told.stdout
    assert "to select again: icon select mine" in told.stderr
    command_line("select", "mine", code=0)
    assert status(tmp_path / "mine") == "done"
