"""What is said of a run's progress: what is done, from the first pass on, and never more time than the budget."""

from types import SimpleNamespace

import pytest

from icon.pipeline.progress._bar import figures
from icon.pipeline.progress._notebook import picture
from icon.pipeline.progress._tally import Tally, of_worker
from icon.pipeline.progress._tally import clock as said
from icon.plugins import (
    BudgetSpent,
    CandidateMeasured,
    PassesMeasured,
    RunStarted,
    StageFinished,
    StageProgressed,
    StageStarted,
    WorkerMeasured,
)
from icon.types import Budget


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set, in seconds."""
    found = SimpleNamespace(now=0.0)
    for module in ("_tally", "_bar"):
        monkeypatch.setattr(f"icon.pipeline.progress.{module}.time", SimpleNamespace(perf_counter=lambda: found.now))
    return found


def begun(budget, started=0.0):
    tally = Tally(budget, started)
    tally.take(RunStarted("run", {}))
    return tally


def test_within_a_budget_of_time_the_bar_is_that_of_the_budget_and_stops_at_its_end(clock):
    tally = begun(Budget(120, "seconds"))
    tally.take(StageStarted("scoring", 200))
    clock.now = 65.0
    tally.take(CandidateMeasured("a", 100))
    assert (tally.spent, tally.of_budget()) == (65.0, "1:05/2:00")
    clock.now = 300.0  # 1 of 200 in 300 s: at its pace the stage would take 16 hours
    assert (tally.spent, tally.of_budget(), tally.seconds_left) == (120.0, "2:00/2:00", None)
    assert "left" not in figures(tally)


def test_without_a_budget_the_time_left_goes_by_what_this_start_measured(clock):
    tally = begun(None)
    clock.now = 100.0
    tally.take(StageStarted("scoring", 40, done=30))  # thirty of an earlier start
    assert tally.seconds_left is None
    clock.now = 110.0
    for number in range(2):
        tally.take(CandidateMeasured(str(number), 100))
    assert tally.done == 32
    assert tally.seconds_left == 40.0  # 5 s each for 8 more


def test_the_speed_is_known_from_the_passes_before_the_first_candidate(clock):
    tally = begun(None)
    tally.take(StageStarted("scoring", 40))
    tally.take(PassesMeasured(1000))
    clock.now = 4.0
    tally.take(PassesMeasured(1600))
    assert tally.speed == 150.0
    assert figures(tally) == "0/40 150 tokens/s 0:04"
    assert tally.figures() == ["0 of 40", "150 tokens/s", "600 tokens read"]
    tally.take(CandidateMeasured("a", 1800))
    assert tally.figures()[:2] == ["1 of 40", "200 tokens/s"]


def test_a_budget_of_passes_is_counted_in_passes(clock):
    tally = begun(Budget(5000, "passes"))
    tally.take(StageStarted("scoring", 200))
    assert tally.of_budget() == "0/5,000 passes"
    tally.take(BudgetSpent(3100, 5000, "passes"))
    assert (tally.spent, tally.of_budget()) == (3100, "3,100/5,000 passes")


def test_a_command_that_does_not_measure_shows_no_budget(clock):
    tally = Tally(Budget(120, "seconds"), 0.0)
    tally.take(StageStarted("drawing the report"))
    assert (tally.spent, tally.of_budget()) == (None, "")


def test_what_a_stage_says_of_itself_is_shown_and_goes_with_it(clock):
    tally = begun(None)
    tally.take(StageStarted("selecting"))
    tally.take(StageProgressed(3, 10, "loss 0.4"))
    assert tally.figures() == ["3 of 10", "loss 0.4", "about 0:00 left in this step"]
    tally.take(StageFinished("selecting", 2.0))
    assert (tally.stage, tally.figures()) == ("", [])


@pytest.mark.parametrize(("seconds", "text"), [(5, "0:05"), (760, "12:40"), (3723.9, "1:02:03")])
def test_times_read_as_on_a_clock(seconds, text):
    assert said(seconds) == text


def test_in_a_notebook_texts_of_plugins_are_no_markup(clock):
    tally = begun(Budget(100, "seconds"))
    tally.take(StageStarted("<b>scoring</b>", 10))
    clock.now = 25.0
    shown = picture(tally)
    assert 'value="0.250"' in shown
    assert "&lt;b&gt;scoring" in shown
    assert "<b>" not in shown


def test_a_line_says_what_a_worker_has_done():
    assert of_worker(WorkerMeasured("cuda:0", 33, 166_000, 40.0)) == (
        "worker cuda:0: 33 parts, 166,000 tokens, 4,150 tokens/s"
    )
    assert of_worker(WorkerMeasured("a\x1b", 1, 0, 0.0)) == "worker a\\u001b: 1 part, 0 tokens"
