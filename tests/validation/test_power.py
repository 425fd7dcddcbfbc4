"""What it takes to see a small advantage."""

import numpy as np
import pytest
from scipy.stats import nct
from scipy.stats import t as student

from icon.validation.intervals import compared
from icon.validation.power import power


def found(**changes):
    known = {"gain": 1.0, "share": 0.05, "n": 12, "s2": 0.065**2, "sampled": 0.0, "seconds": 25.0, "confidence": 0.95}
    return power(**known | changes)


def test_draws_that_differ_by_six_percent_of_the_gain_need_about_fifteen_pools_for_five_percent():
    """By normal quantiles (1.96 + 0.84)^2 0.065^2 (1 + 1/12) / 0.05^2 = 14.4."""
    one = found()
    assert one.pools == 15
    assert one.pools_seconds == 15 * 13 * 25
    assert one.draws is None
    assert one.draws_seconds is None


def test_that_many_pools_have_the_power_and_one_less_has_not():
    def reached(pools):
        df = pools * 11
        return nct.sf(student.ppf(0.975, df), df, 0.05 / (0.065 * ((1 + 1 / 12) / pools) ** 0.5))

    assert reached(15) >= 0.79
    assert reached(14) < 0.80


def test_where_draws_hardly_differ_a_few_of_them_suffice_in_one_pool():
    one = found(s2=0.015**2, n=4)
    assert one.draws is not None
    normal = np.random.default_rng(4).normal
    losses = 0.015 * normal(size=(4000, one.draws + 1, 1)) + np.zeros((1, 1, 2))
    seen = compared(losses[:, 0] - 0.05, losses[:, 1:]).low > 0
    assert 0.77 <= np.mean(seen) <= 0.90


def test_the_smallest_advantage_that_is_seen_is_that_of_the_t_distribution():
    assert found().seen == pytest.approx((student.ppf(0.975, 11) + student.ppf(0.8, 11)) * 0.065 * (13 / 12) ** 0.5)
    assert found(gain=-1.0).effect == pytest.approx(0.05)
    assert found(gain=0.0).pools is None
