"""Races in which measurements fail, or that are stopped: what was measured counts, and nothing else."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from icon.scorers.racing import Rules, run_race
from icon.types import Measurement, Message, Sample, Status

UNDECIDED = Rules(keep=3, first=8, capture=1.0, confidence=1 - 1e-12, stops=True, seed=0)
C = np.random.default_rng(8).standard_normal((12, 24))


def named(letter, count):
    return [Sample(f"{letter}{i}", i, (Message("user", "p"),), "r") for i in range(count)]


def measured(candidate, task):
    return Measurement(candidate.id, task.id, c=float(C[candidate.row, task.row]))


def failed(candidate, task):
    return Measurement(candidate.id, task.id, status=Status.FAILED, reason="asked for")


def race(take, rules=UNDECIDED):
    """Run the race of `C`; gives the outcome and the rows of the candidates that were asked for, by slice."""
    asked = []

    def watched(part):
        asked.append([each.row for each in part.candidates])
        return take(part)

    return run_race(named("c", 12), named("t", 24), rules, watched), asked


def everything(part, failing=lambda candidate, task: False, kind=failed):
    pairs = [(candidate, task) for candidate in part.candidates for task in part.samples]
    return [(kind if failing(*pair) else measured)(*pair) for pair in pairs], None


@pytest.mark.parametrize(
    "kind",
    [
        failed,
        lambda candidate, task: Measurement(candidate.id, task.id, c=math.nan),
        lambda candidate, task: Measurement(candidate.id, task.id, c=math.inf),
        lambda candidate, task: Measurement(candidate.id, task.id),
        lambda candidate, task: Measurement(candidate.id, c=1.0),
    ],
)
def test_a_failed_measurement_takes_its_candidate_out_and_the_race_goes_on(kind):
    outcome, asked = race(lambda part: everything(part, lambda c, t: (c.row, t.row) == (4, 10), kind))
    others = [row for row in range(12) if row != 4]
    assert outcome.ended == "measured"
    assert outcome.candidates == [f"c{row}" for row in others]
    assert asked == [list(range(12)), list(range(12)), others, others]  # it failed in the second slice
    np.testing.assert_allclose(outcome.look.estimates.score, C[others].mean(axis=1), rtol=0, atol=1e-12)
    assert outcome.look.chosen.sum() == 3


def test_failures_may_leave_fewer_than_are_kept():
    outcome, _ = race(lambda part: everything(part, lambda c, t: c.row > 1))
    assert outcome.candidates == ["c0", "c1"]
    assert outcome.look.chosen.tolist() == [True, True]


def test_it_ends_where_everyone_has_failed():
    outcome, asked = race(lambda part: everything(part, lambda c, t: True))
    assert len(asked) == 1
    assert outcome.candidates == []
    assert len(outcome.look.chosen) == len(outcome.look.estimates.score) == 0
    assert outcome.path[0].pairs == 0


@pytest.mark.parametrize("why", ["budget", "interrupted"])
def test_a_stop_ends_it_with_what_was_measured(why):
    def take(part):
        if part.number == 0:
            return everything(part)
        return [measured(c, t) for c in part.candidates[:5] for t in part.samples], why

    outcome, asked = race(take)
    assert outcome.ended == why
    assert len(asked) == 2
    assert outcome.path[-1].pairs == 12 * 8 + 5 * 4
    estimates = outcome.look.estimates
    assert np.isfinite(estimates.score).all()
    assert np.isfinite(estimates.margin).all()
    assert estimates.error[:5].mean() < estimates.error[5:].mean()
    assert outcome.look.chosen.sum() == 3


def test_a_stop_before_anything_was_measured_claims_nothing():
    outcome, _ = race(lambda part: ([], "budget"))
    assert (outcome.ended, outcome.look.capture, outcome.path[0].pairs) == ("budget", 0.0, 0)
    assert outcome.look.undecided.all()


def test_a_stop_after_a_single_candidate_claims_nothing():
    outcome, _ = race(lambda part: ([measured(part.candidates[0], t) for t in part.samples], "budget"))
    assert (outcome.look.capture, outcome.path[0].pairs) == (0.0, 8)
    assert outcome.look.undecided.all()


def test_it_ends_when_nobody_who_is_still_measured_is_open(monkeypatch):
    """Whoever has stopped may come near the cut again as it moves; nothing more is measured of it."""
    script = iter([{0, 1, 2, 3}, {2, 3}, {0}])

    def look(c, n, keep, **_):
        still = next(script)
        return SimpleNamespace(undecided=np.array([row in still for row in range(len(c))]), capture=0.5)

    monkeypatch.setattr("icon.scorers.racing._table.look", look)
    outcome, asked = race(everything)
    assert asked == [list(range(12)), [0, 1, 2, 3], [2, 3]]
    assert (outcome.ended, outcome.measured) == ("decided", 17)
