"""Rank measures are those of scipy and scikit-learn, and None where they are not defined."""

import math
import warnings

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score

from icon.scorers.formulas import auc, mean_ranks, spearman


@pytest.mark.parametrize("seed", range(3))
def test_ranks_and_their_correlation_are_bit_for_bit_those_of_scipy(seed):
    draw = np.random.default_rng(seed)
    ties, scores = draw.integers(0, 9, 50).astype(float), draw.standard_normal(50)
    assert mean_ranks(ties).tolist() == rankdata(ties).tolist()
    assert spearman(ties, scores) == spearmanr(ties, scores).statistic


def test_spearman_by_hand_with_ties_at_their_mean_rank():
    # ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, squares 4.5 and 5
    assert spearman([10, 20, 20, 30], [1, 2, 3, 4]) == pytest.approx(4.5 / math.sqrt(4.5 * 5))
    assert spearman([1, 2, 3], [9, 8, 7]) == pytest.approx(-1)
    assert spearman([1, 2, math.inf], [1, 2, 3]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1, 2], [1, 2]), ([5, 5, 5], [1, 2, 3]), ([math.inf] * 3, [1, 2, 3]), ([1, math.nan, 3], [1, 2, 3]), ([], [])],
)
def test_spearman_is_none_where_it_is_not_defined_and_warns_of_nothing(a, b):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert spearman(a, b) is None
        assert spearman(b, a) is None


def test_auc_counts_the_pairs_with_ties_half():
    assert auc([3, 2], [2, 1]) == 3.5 / 4
    assert auc([math.inf], [1, 2]) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_auc_is_that_of_scikit_learn_with_many_ties(seed):
    draw = np.random.default_rng(seed)
    positive, negative = draw.integers(0, 6, 40).astype(float), draw.integers(0, 5, 70).astype(float)
    expected = roc_auc_score([1] * 40 + [0] * 70, np.concatenate([positive, negative]))
    assert auc(positive, negative) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("positive", "negative"), [([], [1]), ([1], []), ([math.nan, 1], [2]), ([1], [math.nan])])
def test_auc_is_none_without_values_or_with_one_that_is_no_number(positive, negative):
    assert auc(positive, negative) is None
