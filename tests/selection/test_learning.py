"""Labels by hand, a split that holds both labels, and an AUC counted pair by pair."""

import numpy as np
import pytest

from icon.errors import ConfigError
from icon.selection.learning import auc, cross_validated_auc, lexical_model, quantile_labels, stratified_split
from icon.types import Keep


def test_labels_by_hand():
    # Scores 1 to 20, 15% kept: the 0.85 quantile stands at 1 + 0.85 * 19 = 17.15, so 18, 19 and 20 are labelled 1.
    scores = np.arange(1.0, 21.0)
    labels, cut = quantile_labels(scores, 0.15)
    assert cut == pytest.approx(17.15)
    assert np.flatnonzero(labels).tolist() == [17, 18, 19]


def test_scores_at_the_quantile_are_labelled_1():
    # 0.8 * 19 = 15.2: a fifth of the way from the last 0 to the first 1
    labels, cut = quantile_labels(np.array([0.0] * 16 + [1.0] * 4), 0.2)
    assert cut == pytest.approx(0.2)
    assert labels.sum() == 4
    labels, cut = quantile_labels(np.array([0.0] * 10 + [1.0] * 10), 0.15)
    assert cut == 1.0
    assert labels.sum() == 10


def test_the_quantile_lies_between_two_scores_so_a_share_of_labels_may_be_one_more_than_to_keep():
    # 0.8 * 21 = 16.8: four fifths of the way from score 16 to score 17, so 17 to 21 are labelled 1; 20% of 22 is 4.4.
    labels, cut = quantile_labels(np.arange(22.0), 0.2)
    assert cut == pytest.approx(16.8)
    assert (labels.sum(), Keep(share=0.2).of(22)) == (5, 4)


@pytest.mark.parametrize(
    ("scores", "share"),
    [(np.arange(19.0), 0.5), (np.arange(20.0), 0.05), (np.array([0.0] * 49 + [1.0]), 0.01)],
)
def test_too_little_to_learn_from_is_refused_with_what_to_do(scores, share):
    with pytest.raises(ConfigError, match=r"(?s)scored candidates.*Score more.*selector top"):
        quantile_labels(scores, share)


@pytest.mark.parametrize(("scores", "share"), [(np.zeros(50), 0.15), (np.array([0.0] * 45 + [1.0] * 5), 0.15)])
def test_scores_that_put_everybody_in_the_top_share_are_refused_with_the_cause(scores, share):
    """The 0.85 quantile of 45 zeros and 5 ones is 0, which all reach."""
    with pytest.raises(
        ConfigError, match=r"85% or more of the 50 scored candidates have the lowest score.*selector top"
    ):
        quantile_labels(scores, share)


@pytest.mark.parametrize(("n", "positives", "in_test"), [(500, 75, (43, 8)), (20, 2, (2, 1)), (40, 38, (1, 4))])
def test_both_labels_are_held_out_in_proportion(n, positives, in_test):
    labels = np.array([1] * positives + [0] * (n - positives))
    split = stratified_split(labels, 0.1, 3)
    assert sorted([*split.train, *split.test]) == list(range(n))
    assert ((labels[split.test] == 0).sum(), (labels[split.test] == 1).sum()) == in_test
    again, other = stratified_split(labels, 0.1, 3), stratified_split(labels, 0.1, 4)
    assert again.test.tolist() == split.test.tolist()
    assert other.test.tolist() != split.test.tolist()


def test_auc_counts_pairs():
    generator = np.random.default_rng(5)
    labels = np.array([1] * 12 + [0] * 30)
    scores = generator.integers(0, 6, 42).astype(float)  # with ties, which count half
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[:12] for b in scores[12:]]
    assert auc(labels, scores) == pytest.approx(sum(pairs) / 360)


def test_too_few_rows_for_folds_give_no_figure():
    labels = np.array([1] * 4 + [0] * 30)
    assert cross_validated_auc(lexical_model(1.0), np.zeros((34, 8)), labels, 0) == {}
