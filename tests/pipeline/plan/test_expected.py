"""How much of a race is expected to be measured."""

from dataclasses import replace
from itertools import pairwise

import pytest

from icon.pipeline import _expected
from icon.pipeline._expected import MOST, expected_slices
from icon.scorers.racing import Rules, boundaries

RULES = Rules(keep=6, first=8, capture=0.98, confidence=0.95, stops=True, seed=0)


def pairs(slices):
    return sum(samples * candidates for samples, candidates in slices)


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("n_samples", [5, 32, 64])
def test_slices_lie_one_behind_the_other_within_the_assessment_set(n_samples, stops):
    found = expected_slices(40, n_samples, replace(RULES, capture=1.0, stops=stops))
    ends = boundaries(n_samples, 8)
    sizes = [end - start for start, end in pairwise([0, *ends])]
    assert [samples for samples, _ in found] == sizes[: len(found)]
    assert sum(samples for samples, _ in found) <= n_samples


def test_everybody_begins_and_candidates_only_leave():
    found = expected_slices(40, 64, replace(RULES, capture=1.0))
    counts = [candidates for _, candidates in found]
    assert counts[0] == pytest.approx(40)
    assert all(later <= earlier for earlier, later in pairwise(counts))
    assert counts[-1] < 40


def test_without_stops_everyone_is_in_every_slice():
    found = expected_slices(40, 64, replace(RULES, capture=1.0, confidence=1 - 1e-12, stops=False))
    assert [candidates for _, candidates in found] == pytest.approx([40] * len(boundaries(64, 8)))
    assert pairs(found) == pytest.approx(40 * 64)


def test_the_more_of_the_gain_is_asked_for_the_more_is_measured():
    needed = [pairs(expected_slices(40, 64, replace(RULES, capture=capture))) for capture in (0.8, 0.9, 0.98, 1.0)]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1] <= 40 * 64


def test_a_larger_pool_goes_in_the_same_proportions():
    one = expected_slices(MOST, 16, replace(RULES, keep=45))
    ten = expected_slices(10 * MOST, 16, replace(RULES, keep=450))
    assert [samples for samples, _ in ten] == [samples for samples, _ in one]
    assert [candidates for _, candidates in ten] == pytest.approx([10 * candidates for _, candidates in one])


@pytest.mark.parametrize("n_candidates", [80, 10 * MOST])
def test_a_pilot_of_sixteen_is_measured_on_every_sample_before_the_others_race(n_candidates):
    """Sixteen whatever the pool's size; nobody is measured twice."""
    rules = replace(RULES, keep=n_candidates // 6, capture=1.0, stops=False, confidence=1 - 1e-12, informative=True)
    found = expected_slices(n_candidates, 16, rules)
    assert found[0] == (16, pytest.approx(16))
    assert [samples for samples, _ in found[1:]] == [8, 4, 4]
    assert [candidates for _, candidates in found[1:]] == pytest.approx([n_candidates - 16] * 3)
    assert pairs(found) == pytest.approx(n_candidates * 16)


@pytest.mark.parametrize(("candidates", "samples"), [(1, 1), (1, 40), (2, 8), (40, 1)])
def test_the_smallest_races_have_an_expectation_too(candidates, samples):
    found = expected_slices(candidates, samples, replace(RULES, keep=1))
    assert 0 < pairs(found) <= candidates * samples


def test_the_same_race_is_expected_every_time():
    assert expected_slices(40, 64, RULES) == expected_slices(40, 64, RULES)


def test_the_number_to_keep_of_a_smaller_race_is_rounded_half_up(monkeypatch):
    """5 of 600 are 2.5 of 300, which are simulated."""
    kept = []
    monkeypatch.setattr(_expected, "_simulate", lambda n, samples, rules, seed: kept.append(rules.keep) or [(8, n)])
    expected_slices(600, 8, replace(RULES, keep=5))
    assert set(kept) == {3}
