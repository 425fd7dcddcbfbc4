"""Numbers and settings of a run reach the tracker, no text does, and whatever a tracker does the run is the same."""

import json
import time
from types import SimpleNamespace

import pytest

import icon
from icon.errors import ConfigError
from icon.plugins import (
    BudgetSpent,
    CandidateMeasured,
    PassesMeasured,
    RunFinished,
    RunStarted,
    StageFinished,
    StageProgressed,
    StageStarted,
    Warned,
)
from icon.testing import FakeBackend
from icon_observers import Observing, hooks, observing
from icon_observers.tracker import flat


class Noting:
    """A tracker that notes what it gets."""

    def __init__(self):
        self.begun, self.logged, self.ended = [], [], []

    def begin(self, name, settings):
        self.begun.append((name, dict(settings)))

    def log(self, step, figures):
        self.logged.append((step, dict(figures)))

    def end(self, status, figures):
        self.ended.append((status, dict(figures)))


def taken(tracker, many):
    """Wait until a tracker, which has a thread of its own, has logged so often."""
    until = time.monotonic() + 10
    while len(tracker.logged) < many and time.monotonic() < until:
        time.sleep(0.001)


@pytest.fixture
def files(tmp_path):
    """A pool of twelve and three tasks."""
    paths = []
    for name, many in (("pool", 12), ("tasks", 3)):
        rows = [{"instruction": f"secret {name} {n}", "output": f"{name} {n * n}"} for n in range(many)]
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        paths.append(str(path))
    return paths


def test_figures_are_logged_every_five_seconds_and_at_the_end_of_a_stage():
    clock, tracker = SimpleNamespace(now=0.0), Noting()
    observer = Observing(lambda: tracker, clock=lambda: clock.now)
    observer(RunStarted("runs/mine", {"keep": "15%"}))
    observer(StageStarted("scoring: icon, samples 1 to 1 of 36", 200, 3))
    observer(PassesMeasured(100))
    clock.now = 4.9
    observer(CandidateMeasured("a", 300))
    assert tracker.logged == []
    clock.now = 5.0
    observer(CandidateMeasured("b", 400))
    taken(tracker, 1)
    assert tracker.logged == [(0, {"progress/candidates": 5.0, "progress/tokens": 400.0})]
    observer(StageFinished("scoring: icon, samples 1 to 1 of 36", 6.0))
    taken(tracker, 2)
    observer(StageFinished("scoring: icon, samples 2 to 3 of 36", 7.5))
    taken(tracker, 3)
    assert [step for step, _ in tracker.logged] == [0, 1, 2]
    assert tracker.logged[2][1]["seconds/scoring: icon"] == 13.5


def test_a_budget_and_a_classifier_s_progress_are_figures():
    clock, tracker = SimpleNamespace(now=0.0), Noting()
    observer = Observing(lambda: tracker, clock=lambda: clock.now)
    observer(RunStarted("runs/mine", {}))
    observer(BudgetSpent(3100, 5000, "passes"))
    clock.now = 5.0
    observer(StageProgressed(1, 4, "loss 0.5"))
    taken(tracker, 1)
    assert tracker.logged == [(0, {"budget/passes": 3100, "progress/training": 0.25})]


def test_the_end_has_the_figures_of_the_summary_and_the_number_of_warnings():
    tracker = Noting()
    observer = Observing(lambda: tracker)
    observer(RunStarted("runs/mine", {}))
    observer(Warned("a text"))
    observer(StageStarted("reading"))
    observer(RunFinished("runs/mine", "interrupted", {"selected": 12.0}))
    assert tracker.ended == [("interrupted", {"selected": 12.0, "warnings": 1.0})]
    observer(StageFinished("reading", 1.0))  # of another command
    assert tracker.logged == []


def test_of_a_whole_run_settings_and_numbers_arrive_and_no_text_of_a_record(files, tmp_path):
    tracker = Noting()
    backend = FakeBackend()
    given = {"assessment": files[1], "out": tmp_path / "run", "keep": 0.25, "selector": "top", "report": False}
    result = icon.run(files[0], backend=backend, progress=Observing(lambda: tracker), **given)
    name, settings = tracker.begun[0]
    assert (name, settings["keep"]) == ("run", result.config.keep)
    status, figures = tracker.ended[0]
    assert (status, figures["candidates"], figures["selected"]) == ("done", 12.0, 3.0)
    assert "secret" not in json.dumps([tracker.logged, tracker.ended])
    steps = [step for step, _ in tracker.logged]
    assert steps == sorted(set(steps))


def test_settings_within_settings_get_one_level():
    given = {"keep": "15%", "scorer_options": {"control": "none", "deep": {"er": 1}}, "none": {}}
    assert flat(given) == {"keep": "15%", "scorer_options.control": "none", "scorer_options.deep.er": 1}


def test_another_name_is_refused_with_the_valid_ones():
    with pytest.raises(ConfigError, match="found 'neptune'; valid: wandb, mlflow, trackio"):
        observing("wandb", "neptune")


def test_a_tracker_that_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    monkeypatch.delitem(__import__("sys").modules, "icon_observers.wandb_tracker", raising=False)
    with pytest.raises(ConfigError, match=r'pip install "icon-select\[wandb\]"'):
        observing("wandb")


def test_nothing_is_tracked_unless_the_environment_names_a_tracker(monkeypatch):
    made = []
    monkeypatch.setattr(hooks, "observing", lambda *names: made.append(names) or (lambda event: None))
    for value in (None, "", " , ", "wandb, mlflow"):
        monkeypatch.delenv(hooks.VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(hooks.VARIABLE, value)
        hooks.icon_event(RunStarted("run", {}))
        hooks.icon_event(RunFinished("run", "done", {}))
    assert made == [("wandb", "mlflow")]


def test_on_the_command_line_a_wrong_name_is_a_warning_and_the_run_is_done(command_line, files, tmp_path):
    words = ["run", files[0], "--assessment", files[1], "--scorer", "length", "--selector", "top", "--keep", "3"]
    done = command_line(*words, "--no-report", "--out", tmp_path / "run", code=0, env={hooks.VARIABLE: "neptune"})
    assert "icon-observers" in done.stderr
    assert "found 'neptune'; valid: wandb, mlflow, trackio" in done.stderr
    assert (tmp_path / "run/selected.jsonl").exists()
