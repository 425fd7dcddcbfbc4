"""A budget of time is kept within ten seconds on a machine that is slow, and on one that slows down while it runs."""

import time
from itertools import product
from types import SimpleNamespace

import pytest

from icon.pipeline import _raced, _reserve
from icon.pipeline._slowness import MOST, NOMINAL, slowness
from icon.pipeline.measuring import make_plan
from icon.testing import FakeBackend
from support.tiers import of_tier

pytestmark = pytest.mark.usefixtures("small_parts")
TO_THE_END = {"capture": 1, "baselines": ()}
LATE = 10.0


class Slowing(FakeBackend):
    """Takes seconds per token on a clock of its own, and so many times as many from a moment on."""

    def __init__(self, clock, per_token, turn=0.0, factor=1.0):
        super().__init__()
        self.clock, self.per_token, self.turn, self.factor = clock, per_token, turn, factor

    def score(self, context, targets):
        tokens = len(self.tokenize(context)) + sum(
            len(self.tokenize(target.prompt + target.response)) for target in targets
        )
        slower = self.factor if self.clock.now >= self.turn else 1.0
        self.clock.now += tokens * self.per_token * slower
        return super().score(context, targets)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands but for what the backend takes."""
    found = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "perf_counter", lambda: found.now)
    return found


@pytest.fixture
def spend(start, pool, tasks, tmp_path, clock):
    """Runs with a budget of two minutes; gives the seconds that it took and its race."""

    def _spend(per_token, **how):
        begun = clock.now
        turn = begun + how.pop("turn", 0.0)
        session = start(
            *(pool, tasks, tmp_path / "run"),
            make=lambda: Slowing(clock, per_token, turn, **how),
            budget="2m",
            schedule="uniform",
            **TO_THE_END,
        )
        return clock.now - begun, session.manifest.results.race

    return _spend


@pytest.mark.parametrize("per_token", of_tier([0.05, 0.2], [0.01, 0.05, 0.2]))
def test_on_a_slow_machine(spend, per_token):
    """From 100 to 5 tokens per second; two of the 120 seconds are reserved."""
    seconds, race = spend(per_token)
    assert race.ended == "budget"
    assert 60 < seconds <= 120 + LATE


@pytest.mark.parametrize(
    ("turn", "factor"),
    of_tier([(20.0, 5.0), (110.0, 10.0)], list(product((20.0, 60.0, 90.0, 110.0), (2.0, 5.0, 10.0)))),
)
def test_on_a_machine_that_slows_down(spend, turn, factor):
    """From 100 tokens per second to 50, 20 and 10, early and late."""
    seconds, race = spend(0.01, turn=turn, factor=factor)
    assert race.ended == "budget"
    assert 90 < seconds <= 120 + LATE


def test_what_was_measured_before_time_was_up_is_kept_and_gone_on_with(
    start, pool, tasks, tmp_path, clock, spend, pairs_in
):
    _, race = spend(0.2)
    stopped = pairs_in(tmp_path / "run")
    assert len(stopped) == race.pairs > 0
    start(pool, tasks, tmp_path / "run", budget="80 passes", schedule="uniform", **TO_THE_END)
    further = pairs_in(tmp_path / "run")  # it refuses pairs that are measured twice
    assert stopped.items() <= further.items()
    assert len(further) > len(stopped)


def test_a_run_whose_parts_an_older_version_cut_evenly_goes_on(start, pool, tasks, tmp_path, monkeypatch, pairs_in):
    settings = TO_THE_END | {"schedule": "uniform"}
    with monkeypatch.context() as older:
        older.setattr(_raced, "make_plan", lambda *given, growing=False, **how: make_plan(*given, **how))
        start(pool, tasks, tmp_path / "run", budget="60 passes", **settings)
    before = pairs_in(tmp_path / "run")
    start(pool, tasks, tmp_path / "run", budget="90 passes", **settings)
    assert before.items() <= pairs_in(tmp_path / "run").items()
    assert len(pairs_in(tmp_path / "run")) > len(before)


def test_what_follows_the_measuring_gets_more_time_on_a_slow_machine(monkeypatch):
    run = SimpleNamespace(
        config=SimpleNamespace(report=True), watch=SimpleNamespace(took={"reading the pool": 1.5, "other": 9.0})
    )
    for factor in (1.0, 3.0):
        monkeypatch.setattr(_reserve, "slowness", lambda factor=factor: factor)
        assert _reserve.reserve(run, 2000) == pytest.approx(3 + (3.5 + 3) * factor)  # 1.5 + 2, and 2,000 rows at 1.5 ms


def test_a_report_that_would_be_late_is_left_out(monkeypatch, clock):
    monkeypatch.setattr(_reserve, "slowness", lambda: 2.0)
    budget = SimpleNamespace(unit="seconds", amount=120.0)
    run = SimpleNamespace(config=SimpleNamespace(budget_amount=budget), watch=SimpleNamespace(started=clock.now))
    clock.now += 121.0
    assert _reserve.has_time_for_report(run, 0)  # 4 more seconds: at 125 of 126
    clock.now += 2.0
    assert not _reserve.has_time_for_report(run, 0)
    run.config.budget_amount = None
    assert _reserve.has_time_for_report(run, 0)


def test_slowness_is_how_much_longer_the_same_work_takes(monkeypatch):
    for took, factor in ((NOMINAL / 2, 1.0), (3 * NOMINAL, 3.0), (50 * NOMINAL, MOST)):
        moments = iter([0.0, took])
        monkeypatch.setattr(time, "perf_counter", lambda moments=moments: next(moments))
        assert slowness() == pytest.approx(factor)
