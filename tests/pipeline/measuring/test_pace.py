"""A race within its budget: what counts, and when it is over."""

from types import SimpleNamespace

import pytest

from icon.pipeline.measuring import Plan
from icon.pipeline.schedule import Pace
from icon.scorers.cost import Cost
from icon.scorers.racing import Slice
from icon.types import Budget, Message, Sample

CANDIDATES = tuple(Sample(f"c{i}", i, (Message("user", "p"),), "r") for i in range(6))
TASKS = tuple(Sample(f"t{i}", i, (Message("user", "p"),), "r") for i in range(4))
PLAN = Plan((CANDIDATES[:2], CANDIDATES[2:4], CANDIDATES[4:]))
PART = Slice(0, TASKS, CANDIDATES)


class Prices:
    """A pair costs 10 tokens; what the candidates of a slice share 1,000 and a pass an assessment sample."""

    def pairs(self, candidates, samples, *, first=True):
        return Cost(10 * len(candidates) * len(samples), len(candidates) * len(samples))

    def shared(self, candidates, samples):
        return Cost(1000, len(samples))


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set, in seconds."""
    found = SimpleNamespace(now=0.0)
    for module in ("icon.types._budget", "icon.pipeline.schedule"):
        monkeypatch.setattr(f"{module}.time", SimpleNamespace(perf_counter=lambda: found.now))
    return found


def pace(amount, unit="tokens"):
    return Pace(Budget(amount, unit), 0.0, Prices)


def test_without_a_budget_all_is_allowed_and_nothing_is_counted():
    def never():
        raise AssertionError("no text need be tokenised")

    found = Pace(None, 0.0, never)
    found.begin(PART, PLAN, {"000000": []})
    assert found.allows(CANDIDATES)
    found.done(CANDIDATES)
    assert found.stopped is None


def test_what_a_slice_s_candidates_share_is_paid_with_its_first_part():
    found = pace(1240)  # 1000 + 80, then 80, then 80
    found.begin(PART, PLAN, {})
    for part in PLAN.parts:
        assert found.allows(part)
        found.done(part)
    assert found.meter.spent == {"tokens": 1240, "passes": 4 + 3 * 8}
    assert found.stopped is None


def test_it_is_over_at_the_first_part_that_does_not_fit():
    found = pace(1239)
    found.begin(PART, PLAN, {})
    for part in PLAN.parts[:2]:
        assert found.allows(part)
        found.done(part)
    assert not found.allows(PLAN.parts[2])
    assert (found.stopped, found.asked) == ("budget", Cost(80, 8))


def test_asking_twice_costs_nothing():
    found = pace(1080)
    found.begin(PART, PLAN, {})
    assert found.allows(PLAN.parts[0])
    assert found.allows(PLAN.parts[0])
    assert found.meter.spent["tokens"] == 0


def test_the_first_part_says_what_it_would_have_cost():
    found = pace(5, "passes")
    found.begin(PART, PLAN, {})
    assert not found.allows(PLAN.parts[0])
    assert (found.stopped, found.asked) == ("budget", Cost(1080, 12))


def test_every_slice_pays_for_what_it_shares():
    found = pace(10**6)
    for number in range(2):
        found.begin(Slice(number, TASKS[:1], CANDIDATES), PLAN, {})
        for part in PLAN.parts:
            found.done(part)
    assert found.meter.spent == {"tokens": 2 * 1060, "passes": 2 * 7}


def test_a_run_that_was_stopped_comes_to_the_same_place():
    finished = {"000000": [], "000001": [], "shared": []}
    for amount, allowed in ((1239, False), (1240, True)):
        found = pace(amount)
        found.begin(PART, PLAN, finished)
        assert found.meter.spent["tokens"] == 1160
        assert found.allows(PLAN.parts[2]) is allowed


def test_time_is_told_from_the_parts_measured_now(clock):
    found = pace(30, "seconds")  # 2 of them are kept back
    found.begin(PART, PLAN, {"000000": []})
    clock.now = 4.0
    assert found.allows(PLAN.parts[1])
    clock.now = 10.0
    found.done(PLAN.parts[1])  # 80 tokens in 10 seconds: the next 80 are done at 20
    assert found.allows(PLAN.parts[2])
    clock.now = 18.0  # and from here at 28, where the reserve begins
    assert not found.allows(PLAN.parts[2])
    assert found.stopped == "budget"


def test_what_passes_between_two_slices_is_not_the_parts_time(clock):
    found = pace(1000, "seconds")
    found.begin(PART, PLAN, {})
    clock.now = 108.0
    found.done(PLAN.parts[0])  # 1,080 tokens in 108 seconds: 0.1 a token
    clock.now = 500.0
    found.begin(Slice(1, TASKS, CANDIDATES), PLAN, {"000000": []})
    clock.now = 508.0
    found.done(PLAN.parts[1])  # 80 tokens in 8 seconds
    clock.now = 989.9  # 8.1 are left: 81 tokens
    assert found.allows(PLAN.parts[2])
    clock.now = 990.1
    assert not found.allows(PLAN.parts[2])
