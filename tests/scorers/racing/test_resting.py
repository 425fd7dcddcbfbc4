"""Candidates that are likely to be on their side rest, and what a choice captures is judged on other samples."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from icon.scorers.racing import Rules, estimate, look, run_race
from icon.scorers.racing._capture import expected_on_new
from icon.scorers.racing._look import IN_ERRORS
from icon.types import Measurement, Message, Sample
from support.tiers import of_tier

RULES = Rules(keep=9, first=4, capture=0.95, confidence=0.95, stops=True, seed=0, leaving="likely")


def race(c, rules=RULES):
    candidates, samples = (
        [Sample(f"{letter}{i}", i, (Message("user", "p"),), "r") for i in range(many)]
        for letter, many in zip("ct", c.shape, strict=True)
    )
    asked = []

    def take(part):
        asked.append([one.row for one in part.candidates])
        pairs = [(one, task) for one in part.candidates for task in part.samples]
        return [Measurement(one.id, task.id, c=float(c[one.row, task.row])) for one, task in pairs], None

    return run_race(candidates, samples, rules, take), asked


def on_new(effects, chosen, c):
    """Gains of the chosen and of the exact choice by the effects, which are what carries over to other samples."""
    exact = np.argsort(-c.mean(axis=1))[: chosen.sum()]
    return effects[chosen].mean() - effects.mean(), effects[exact].mean() - effects.mean()


@pytest.mark.parametrize(("v", "t"), [(0.1, 12), (0.1, 25), (0.5, 8)])
def test_the_expected_capture_is_what_is_captured_on_other_samples_on_average(planted, v, t):
    said, gains = [], []
    for seed in range(of_tier(40, 200)):
        c, effects = planted(seed, k=60, v=v, spread=0.4)
        found = look(c[:, :t], 128, 9, alpha=0.05, seed=seed, on_new=True)
        said.append(found.capture)
        gains.append(on_new(effects, found.chosen, c))
    of_choice, of_exact = np.mean(gains, axis=0)
    assert np.mean(said) == pytest.approx(of_choice / of_exact, abs=0.06)


def test_what_is_special_to_measured_pairs_is_no_gain_on_other_samples(planted):
    """In pure noise the exact choice is a random draw, so half of the samples capture next to nothing of nothing."""
    c, _ = planted(3, k=40, v=0.0)
    chosen = look(c[:, :64], 128, 6, alpha=0.05, seed=0).chosen
    of_choice, of_exact = on_new(np.zeros(40), chosen, c)
    assert (of_choice, of_exact) == (0, 0)
    found = [look(c[:, :t], 128, 6, alpha=0.05, seed=0, on_new=True).capture for t in (8, 64)]
    assert 0 < found[0] < found[1] < 1


def test_nothing_measured_captures_nothing_and_everything_all():
    c = np.random.default_rng(5).standard_normal((12, 16))
    chosen = np.arange(12) < 4
    assert expected_on_new(estimate(np.full((12, 16), np.nan), 16), chosen, 0) == 0.0
    assert expected_on_new(estimate(c, 16), chosen, 0) == 1.0
    assert np.isposinf(look(c, 16, 4, alpha=0.05, seed=0).distance).all()


def test_those_near_the_cut_go_on_and_those_far_from_it_rest():
    """Forty candidates a step of 0.2 apart: the cut is between 33 and 34, at 33.5 steps."""
    rng = np.random.default_rng(3)
    c = 0.2 * np.arange(40)[:, None] + rng.standard_normal(16) + 2.0 * rng.standard_normal((40, 16))
    found = look(c, 128, 6, alpha=0.05, seed=0)
    assert not found.unsettled[:25].any()
    assert found.unsettled.sum() < found.undecided.sum()  # less is asked for than to be decided
    cut = np.sort(found.estimates.score)[[-7, -6]].mean()
    apart = np.abs(found.estimates.score - cut) / found.estimates.error
    np.testing.assert_allclose(found.distance, apart, rtol=1e-12)
    assert set(np.flatnonzero(apart < IN_ERRORS)) <= set(np.flatnonzero(found.unsettled))


def test_at_least_half_as_many_as_are_kept_go_on():
    steps = np.arange(20)[:, None] + 1e-3 * np.random.default_rng(1).standard_normal((20, 8))
    found = look(steps, 64, 8, alpha=0.05, seed=0)
    assert (found.distance > IN_ERRORS).all()
    assert set(np.flatnonzero(found.unsettled)) <= set(range(8, 16))  # the cut is between 11 and 12
    assert found.unsettled.sum() == 4


@pytest.mark.parametrize("v", [0.2, 0.4])
def test_a_race_captures_what_is_asked_for_from_a_quarter_of_the_pairs(planted, v):
    gains, shares = [], []
    for seed in range(of_tier(4, 60)):
        c, effects = planted(seed, k=60, v=v, spread=0.5)
        outcome, _ = race(c)
        shares.append(outcome.path[-1].pairs / c.size)
        gains.append(on_new(effects, outcome.look.chosen, c))
    of_choice, of_exact = np.mean(gains, axis=0)
    assert np.mean(shares) < 0.25
    assert of_choice / of_exact > 0.9


def test_a_race_measures_fewer_pairs_than_one_until_all_are_decided(planted):
    resting, deciding = [], []
    for seed in range(3):
        c, _ = planted(seed, k=60, v=0.2, spread=0.5)
        resting.append(race(c)[0].path[-1].pairs)
        deciding.append(race(c, replace(RULES, first=8, leaving="certain"))[0].path[-1].pairs)
    assert sum(resting) < 0.8 * sum(deciding)


def test_one_that_rested_may_return():
    rng = np.random.default_rng(7)
    c = 0.3 * np.arange(12)[:, None] + 0.3 * rng.standard_normal((12, 64))
    found = [set(rows) for seed in range(8) for rows in _asked(c + 0.8 * _noise(seed, c))]
    assert any(not later <= earlier for earlier, later in pairwise(found) if len(later) < 12)


def _noise(seed, c):
    return np.random.default_rng(seed).standard_normal(c.shape)


def _asked(c):
    return race(c, replace(RULES, keep=3, capture=0.999))[1]


def test_the_next_slice_does_not_depend_on_the_capture_asked_for(planted):
    """So a race that goes on with another capture is the one that had it from the start."""
    c, _ = planted(4, k=40, v=0.1)
    short, long = (race(c, replace(RULES, keep=6, capture=capture))[1] for capture in (0.8, 0.99))
    assert len(short) < len(long)
    assert long[: len(short)] == short


@pytest.mark.parametrize("capture", [0.95, 1.0])
def test_at_the_last_sample_with_candidates_at_rest_and_less_than_was_asked_for_it_has_an_end_of_its_own(capture):
    """In pure noise next to nothing is captured, however much is measured of those that go on."""
    outcome, asked = race(_noise(0, np.empty((40, 40))), replace(RULES, keep=6, capture=capture))
    assert (outcome.ended, outcome.measured) == ("samples", 40)
    assert outcome.look.capture < capture
    assert len(asked[-1]) < 40


def test_at_the_last_sample_it_says_which_end_it_came_to(planted):
    c, _ = planted(3, k=40, v=0.5)
    ends = {}
    for capture in (0.8, 1.0):
        found = race(c[:, :8], replace(RULES, keep=6, first=8, capture=capture))[0]
        assert found.measured == 8
        ends[capture] = found.ended
    assert set(ends.values()) == {"measured"}  # one slice is all of it, and nobody has rested
    decided = race(c, replace(RULES, keep=6, capture=1.0, leaving="certain"))[0]
    assert decided.ended in ("decided", "measured")


def test_the_same_measurements_give_the_same_race(planted):
    c, _ = planted(5, k=40, v=0.1)
    one, two = race(c), race(c)
    assert one[1] == two[1]
    assert one[0].path == two[0].path
    np.testing.assert_array_equal(one[0].look.chosen, two[0].look.chosen)
