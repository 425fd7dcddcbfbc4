"""Intervals hold however often one looks: against the formula, and against random walks."""

import math

import numpy as np
import pytest

from icon.scorers.racing._estimates import TIGHTEST, effective, mixture_factor

LOOKS = np.arange(2, 128, dtype=float)


def test_the_effective_sample_size_by_hand():
    t = np.array([0.0, 32.0, 64.0, 127.0, 128.0])
    # 32 / (3/4), 64 / (1/2), 127 / (1/128)
    assert effective(t, 128).tolist() == pytest.approx([0, 128 / 3, 128, 127 * 128, math.inf])
    assert effective(np.array([4.0]), 8).tolist() == [8.0]


def test_the_factor_is_the_normal_mixture_s():
    # sqrt((tau r + 1) / (tau r) * log((tau r + 1) / alpha^2)) with r = (-2 log alpha + log(1 - 2 log alpha)) / 24
    r = (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 24
    expected = math.sqrt((10 * r + 1) / (10 * r) * math.log((10 * r + 1) / 0.05**2))
    assert expected == pytest.approx(3.1153, abs=1e-4)  # r = 0.33067, 1.30242 * log(4.3067 / 0.0025)
    assert mixture_factor(np.array([10.0]), 0.05).tolist() == pytest.approx([expected], rel=1e-12)


def test_nothing_is_left_to_doubt_where_all_is_measured():
    assert mixture_factor(np.array([5.0, math.inf]), 0.05)[1] == 0.0


def test_a_higher_confidence_is_a_wider_interval():
    tau = np.array([2.0, 24.0, 1000.0])
    by_alpha = [mixture_factor(tau, alpha) for alpha in (0.2, 0.05, 0.01, 1e-6)]
    assert (np.diff(by_alpha, axis=0) > 0).all()


def test_the_interval_is_wider_than_the_one_for_a_single_look_and_narrows_as_measurements_come():
    factor = mixture_factor(LOOKS, 0.05)
    assert (factor > 1.96).all()
    assert (np.diff(factor / np.sqrt(LOOKS)) < 0).all()


def test_the_boundary_is_about_tightest_where_it_says():
    at = np.array([TIGHTEST])
    here = mixture_factor(at, 0.05, tightest=TIGHTEST)
    assert here <= min(mixture_factor(at, 0.05, tightest=other)[0] for other in (3.0, 8.0, 72.0, 200.0))
    best = min(mixture_factor(at, 0.05, tightest=other)[0] for other in np.geomspace(1, 1000, 300))
    assert here <= 1.02 * best


def test_walks_without_replacement_leave_the_sequence_as_rarely_as_stated_and_fixed_intervals_often():
    values = np.random.default_rng(1).standard_normal((2000, 128))
    means = values.cumsum(axis=1) / np.arange(1, 129)
    distance = np.abs(means[:, 1:-1] - means[:, -1:])
    tau = LOOKS / (1 - LOOKS / 128)
    ever = (distance > mixture_factor(tau, 0.05) / np.sqrt(tau)).any(axis=1).mean()
    assert 0.005 < ever <= 0.06  # with 2,000 walks a standard error of 0.005
    assert (distance > 1.96 / np.sqrt(tau)).any(axis=1).mean() > 0.2
    single = (distance[:, 30] > 1.96 / np.sqrt(tau[30])).mean()
    assert single == pytest.approx(0.05, abs=0.015)  # the same interval is right for one look
