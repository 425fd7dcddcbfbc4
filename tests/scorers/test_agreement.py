"""Rank agreement against scipy and scikit-learn, and by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from icon.scorers.formulas import auc, overlap, spearman, split_half


def test_spearman_agrees_with_scipy_with_ties():
    draw = np.random.default_rng(0)
    a, b = draw.integers(0, 9, 60).astype(float), draw.integers(0, 9, 60).astype(float)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)


@pytest.mark.parametrize(("a", "b"), [([1.0, 1, 1], [1.0, 2, 3]), ([1.0, 2], [1.0, 2]), ([], [])])
def test_spearman_of_nothing_that_varies_is_none(a, b):
    assert spearman(a, b) is None


def test_auc_agrees_with_scikit_learn_with_ties():
    draw = np.random.default_rng(1)
    scores, labels = draw.integers(0, 6, 80).astype(float), draw.integers(0, 2, 80)
    assert auc(scores[labels == 1], scores[labels == 0]) == pytest.approx(roc_auc_score(labels, scores))


def test_auc_by_hand():
    # pairs (3,2) (3,1) (1,2) (1,1): 1 + 1 + 0 + 1/2 of 4
    assert auc([3, 1], [2, 1]) == 2.5 / 4
    assert auc([], [1]) is None


def test_overlap_is_the_share_of_the_first():
    assert overlap(["a", "b", "c", "d"], ["b", "d", "x"]) == 0.5
    assert overlap([], ["a"]) is None


def test_split_half_is_high_for_consistent_candidates_and_near_nil_for_noise():
    draw = np.random.default_rng(2)
    noise = draw.normal(size=(60, 40))
    signal = noise + 3 * draw.normal(size=(60, 1))
    assert split_half(signal, seed=0).half > 0.9
    assert abs(split_half(noise, seed=0).half) < 0.3


def test_split_half_steps_up_by_spearman_brown():
    draw = np.random.default_rng(3)
    found = split_half(draw.normal(size=(30, 16)) + draw.normal(size=(30, 1)), seed=5)
    assert found.full == pytest.approx(2 * found.half / (1 + found.half))
    assert found.splits == 20


def test_split_half_of_too_little_is_none():
    assert split_half(np.zeros((2, 10)), seed=0) is None
    assert split_half(np.zeros((10, 3)), seed=0) is None
    assert split_half(np.zeros((10, 8)), seed=0) is None


def test_halves_that_contradict_each_other_are_not_stepped_up():
    # Two samples say 1, 2, 3 and two say 3, 2, 1. Of the three ways to halve them, two mix both kinds: all means are
    # equal there, which orders nobody and counts as 0. The third parts the kinds: Spearman -1.
    up, down = np.array([[1.0], [2.0], [3.0]]), np.array([[3.0], [2.0], [1.0]])
    found = split_half(np.hstack([up, up, down, down]), seed=0)
    draw = np.random.default_rng(0)
    parted = sum(set(draw.permutation(4)[:2].tolist()) in ({0, 1}, {2, 3}) for _ in range(20))
    assert 0 < parted < 20
    assert (found.half, found.full) == (pytest.approx(-parted / 20), pytest.approx(-parted / 20))


def test_one_candidate_that_differs_from_many_that_tie_makes_no_order_certain():
    """It misses two of eight samples; halves that do not part the two leave one half without any difference."""
    votes = np.ones((30, 8))
    votes[0, :2] = 0.0
    found = split_half(votes, seed=3)
    draw = np.random.default_rng(3)
    parted = sum(len({0, 1} & set(draw.permutation(8)[:4].tolist())) == 1 for _ in range(20))
    assert 0 < parted < 20
    assert found.half == pytest.approx(parted / 20)
    assert found.splits == 20


def test_no_reliability_is_below_minus_1_whatever_the_noise():
    draw = np.random.default_rng(5)
    found = [split_half(draw.normal(size=(10, 6)), seed=seed) for seed in range(40)]
    assert min(each.full for each in found) >= -1
    assert all(each.full == each.half for each in found if each.half <= 0)
    assert any(each.half <= 0 for each in found)
