"""What is said of the scores' errors is true on planted data, and little data is never taken for certainty."""

import warnings

import numpy as np
import pytest

from icon.scorers.racing import estimate
from icon.scorers.racing._estimates import mixture_factor


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def relative(values):
    return values - values.mean()


@pytest.mark.parametrize("v", [0.02, 0.3])
@pytest.mark.parametrize("t", [8, 25, 73])
def test_intervals_hold_the_true_means_and_are_not_wider_than_they_need_be(planted, v, t):
    inside, alone, widths = [], [], []
    for seed in range(20):
        c, _ = planted(seed, v=v, spread=0.7)
        found, truth = estimate(c[:, :t], 128, alpha=0.05), c.mean(axis=1)
        off = relative(found.centre) - relative(truth)
        inside.extend(np.abs(off) <= found.margin)
        alone.extend((found.low <= truth) & (truth <= found.high))
        widths.append(np.median(found.margin) / np.sqrt(np.mean(off**2)))
    assert np.mean(inside) >= 0.93
    assert np.mean(alone) >= 0.93
    assert np.mean(widths) < 4  # in standard errors: about 3.1 at the tightest


@pytest.mark.parametrize("t", [8, 25, 73])
def test_errors_are_as_large_as_the_scores_are_off(planted, t):
    squares, said = [], []
    for seed in range(40):
        c, _ = planted(seed, v=0.2, spread=0.4)
        found = estimate(c[:, :t], 128)
        squares.append(np.mean((relative(found.score) - relative(c.mean(axis=1))) ** 2))
        said.append(np.mean(found.error**2))
    assert np.sqrt(np.mean(squares) / np.mean(said)) == pytest.approx(1, abs=0.12)


def test_reliability_grows_with_the_tasks_and_is_the_squared_correlation_with_the_truth(planted):
    said, true = [], []
    for t in (4, 8, 16, 32, 64):
        pairs = []
        for seed in range(30):
            c, _ = planted(seed, k=100, v=0.2, spread=0.4)
            found = estimate(c[:, :t], 128)
            pairs.append((found.reliability, np.corrcoef(found.score, c.mean(axis=1))[0, 1] ** 2))
        ours, oracle = np.mean(pairs, axis=0)
        said.append(ours)
        true.append(oracle)
    assert (np.diff(said) > 0).all()
    np.testing.assert_allclose(said, true, atol=0.06)


@pytest.mark.parametrize("v", [0.1, 4.0])
def test_the_margin_of_a_few_candidates_is_that_of_the_known_noise(planted, v):
    found = [estimate(planted(seed, k=10, v=v, spread=0.0)[0][:, :25], 128).margin.mean() for seed in range(40)]
    tau = 25 / (1 - 25 / 128)  # every e_ij has the standard deviation 1
    assert np.mean(found) == pytest.approx(mixture_factor(np.array([tau]), 0.05)[0] / np.sqrt(tau), rel=0.1)


def test_a_constant_task_gives_no_nan(planted):
    c = planted(1)[0][:, :12]
    c[:, 4] = 0.3
    found = estimate(c, 128)
    for values in (found.score, found.error, found.centre, found.margin, found.low, found.high):
        assert np.isfinite(values).all()


def test_a_single_candidate_is_as_good_as_its_measurements():
    found = estimate(np.array([[1.0, 2.0, 6.0]]), 10)
    assert found.score.tolist() == pytest.approx([3.0])
    assert found.low[0] < 3.0 < found.high[0]
    assert estimate(np.array([[1.0, 2.0, 6.0]]), 3).score.tolist() == pytest.approx([3.0])


@pytest.mark.parametrize("value", [0.0, 0.1, 0.25])
def test_candidates_that_do_not_differ_yet_may_differ_on_the_rest(value):
    found = estimate(np.full((7, 5), value), 64)
    np.testing.assert_allclose(found.score, value)
    assert np.isposinf(found.error).all()
    assert np.isposinf(found.margin).all()
    assert not estimate(np.full((7, 5), value), 5).margin.any()  # there is no rest


def test_one_measured_candidate_says_nothing_of_the_others():
    c = np.full((5, 8), np.nan)
    c[0] = np.arange(8)
    found = estimate(c, 64)
    assert np.isposinf(found.error).all()
    assert np.isposinf(found.margin).all()


def test_tasks_measured_on_one_candidate_alone_narrow_no_other_s_margin(planted):
    c, _ = planted(2, spread=0.3)
    before = estimate(c[:, :12], 128).margin
    c = c[:, :60].copy()
    c[1:, 12:] = np.nan
    after = estimate(c, 128).margin
    np.testing.assert_allclose(after[1:], before[1:], rtol=0.1)
