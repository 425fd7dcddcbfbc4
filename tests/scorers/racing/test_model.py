"""Scores over the whole assessment set, estimated from a part of it."""

import warnings

import numpy as np
import pytest
from scipy.stats import spearmanr

from icon.scorers.racing import estimate

HALF = slice(None, 17)


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_where_all_is_measured_the_score_is_the_plain_mean(planted):
    c, _ = planted(1, n=50)
    found = estimate(c, 50)
    for ours in (found.score, found.centre, found.low, found.high):
        np.testing.assert_allclose(ours, c.mean(axis=1), rtol=0, atol=1e-12)
    assert not found.error.any()
    assert not found.margin.any()
    assert found.reliability == 1.0


def test_a_task_s_level_changes_no_difference_between_candidates(planted):
    c, _ = planted(2)
    higher = c.copy()
    higher[:, 3] += 100.0
    one, two = estimate(c[:, HALF], 128), estimate(higher[:, HALF], 128)
    for name in ("score", "centre"):
        np.testing.assert_allclose(
            np.diff(getattr(two, name)), np.diff(getattr(one, name)), rtol=0, atol=1e-10, err_msg=name
        )
    np.testing.assert_allclose(two.margin, one.margin, rtol=1e-10)


def test_another_unit_scales_the_scores_and_nothing_else(planted):
    c = planted(3)[0][:, HALF]
    one, three = estimate(c, 128), estimate(3 * c, 128)
    for name in ("score", "error", "centre", "margin", "low", "high"):
        np.testing.assert_allclose(getattr(three, name), 3 * getattr(one, name), rtol=1e-9, err_msg=name)
    assert (three.reliability, three.signal) == pytest.approx((one.reliability, one.signal))


def test_the_order_of_the_candidates_does_not_matter(planted):
    c = planted(4)[0][:, HALF]
    c[5:9, 8:] = np.nan
    order = np.random.default_rng(0).permutation(len(c))
    one, two = estimate(c, 128), estimate(c[order], 128)
    for name in ("score", "error", "centre", "margin", "low", "high"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name)[order], rtol=1e-9, err_msg=name)


def test_planted_candidates_are_found_and_better_than_by_the_mean_of_what_is_measured(planted):
    ours, plain = [], []
    for seed in range(30):
        c, effects = planted(seed, v=0.5, spread=1.5)
        ours.append(spearmanr(estimate(c[:, HALF], 128).score, effects).statistic)
        plain.append(spearmanr(c[:, HALF].mean(axis=1), effects).statistic)
    assert np.mean(ours) > 0.88
    assert np.mean(ours) > np.mean(plain) + 0.05


def test_the_planted_signal_is_found(planted):
    found = [estimate(planted(seed, k=200, v=0.25, spread=0.5)[0][:, :32], 128).signal for seed in range(20)]
    assert np.mean(found) == pytest.approx(0.25, rel=0.1)


def test_few_measurements_are_drawn_towards_the_mean_by_t_over_t_plus_the_inverse_signal():
    rng = np.random.default_rng(5)
    half = rng.standard_normal((20, 1)) + rng.standard_normal((20, 32))
    half[:10, 8:] = np.nan  # half of them are measured on 8 tasks, the others on 32
    c = np.concatenate([half, -half])  # each has its opposite, so every task's level is 0
    found = estimate(c, 128)
    t, measured = np.repeat([8, 32, 8, 32], 10), np.nansum(c, axis=1)
    kept = (128 * found.score - measured) / (128 * found.centre - measured)
    np.testing.assert_allclose(kept, t / (t + 1 / found.signal), rtol=1e-6)
    assert kept[:10].max() < kept[10:20].min()


def test_without_a_measurement_nothing_is_known():
    found = estimate(np.full((3, 4), np.nan), 10)
    assert found.score.tolist() == found.centre.tolist() == [0, 0, 0]
    for wide in (found.error, found.margin, found.high, -found.low):
        assert np.isposinf(wide).all()
    assert (found.reliability, found.signal) == (0, 0)


def test_a_candidate_without_a_measurement_counts_as_average_with_an_infinite_margin(planted):
    c = planted(6)[0][:, HALF]
    c[7] = np.nan
    found = estimate(c, 128)
    others = np.delete(np.arange(40), 7)
    assert found.score[7] == pytest.approx(found.score[others].mean(), abs=0.1 * found.score.std())
    assert np.isposinf(found.margin[7])
    assert np.isfinite(found.margin[others]).all()
    assert found.error[7] > found.error[others].max()


def test_tasks_that_nobody_was_measured_on_may_be_left_out(planted):
    c = planted(7)[0][:, :20]
    c[:, 12:] = np.nan
    np.testing.assert_array_equal(estimate(c, 128).score, estimate(c[:, :12], 128).score)
