"""What carries a choice: the expected gain of the best, and what scores without a signal reach by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from icon.scorers.racing import estimate
from icon.selection.carrying import ENOUGH, captured, chance_correlation, chance_ratio, fewest_scored, gain_of_best


@pytest.mark.parametrize(
    ("n", "m", "exact"),
    [
        (1, 2, 1 / math.sqrt(math.pi)),  # the larger of two standard normal draws
        (1, 3, 3 / (2 * math.sqrt(math.pi))),
        (5, 5, 0.0),
        (50, 100, math.sqrt(2 / math.pi)),  # the upper half of a normal distribution, whose mean this is
    ],
)
def test_the_gain_of_the_best_is_that_of_normal_order_statistics(n, m, exact):
    assert gain_of_best(n, m) == pytest.approx(exact, abs=0.03)


def test_all_scored_and_known_captures_everything_and_as_many_as_are_kept_nothing():
    assert captured(30, 200, 200, 1.0) == pytest.approx(1)
    assert captured(30, 30, 200, 1.0) == 0.0
    assert captured(30, 6, 200, 1.0) == 0.0
    assert captured(200, 200, 200, 0.0) == 1.0  # all are kept: there is no choice


def test_twice_as_many_as_are_kept_capture_half_of_it_at_fifteen_per_cent():
    # upper half: 0.80 standard deviations; upper 15%: 0.2332 / 0.15 = 1.554, the density at its cut over the share
    assert captured(30, 60, 200, 1.0) == pytest.approx(0.798 / 1.554, abs=0.01)
    assert abs(fewest_scored(30, 200, 1.0) - 60) <= 2


def test_the_gain_goes_with_the_square_root_of_the_reliability():
    assert captured(30, 200, 200, 0.25) == pytest.approx(0.5)
    assert captured(30, 200, 200, 0.16) == pytest.approx(0.4)


@pytest.mark.parametrize("reliability", [0.3, 0.5, 1.0])
def test_the_fewest_scored_are_the_first_that_capture_enough(reliability):
    n = fewest_scored(30, 200, reliability)
    assert captured(30, n, 200, reliability) >= ENOUGH > captured(30, n - 1, 200, reliability)


def test_chance_is_what_the_distributions_say():
    assert chance_ratio(50, 3) == pytest.approx(stats.f.ppf(0.95, 49, 98))
    assert chance_ratio(50, 1e6) == pytest.approx(stats.chi2.ppf(0.95, 49) / 49, abs=1e-3)  # the noise is known
    assert chance_correlation(101) == pytest.approx(stats.norm.ppf(0.95) / 10)


@pytest.mark.parametrize(("candidates", "tasks"), [(100, 2), (50, 3), (100, 6)])
def test_of_races_without_a_signal_about_one_in_twenty_passes(candidates, tasks):
    draw, passed = np.random.default_rng(8), 0
    for _ in range(40):
        scales = np.exp(draw.normal(0, 0.7, tasks))
        noise = draw.normal(0, 1, tasks) + scales * draw.normal(0, 1, (candidates, tasks))
        passed += 1 + tasks * estimate(noise, 40).signal > chance_ratio(candidates, tasks)
    assert passed <= 7  # 2 expected; more than 7 of 40 happen in one of a thousand such series


def test_a_race_with_the_signal_of_a_small_model_passes_after_a_few_samples():
    draw, passed = np.random.default_rng(9), 0
    for _ in range(20):
        effects = math.sqrt(0.1) * draw.normal(0, 1, (200, 1))
        passed += 1 + 8 * estimate(effects + draw.normal(0, 1, (200, 8)), 40).signal > chance_ratio(200, 8)
    assert passed >= 18
