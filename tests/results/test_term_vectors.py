"""TF-IDF of texts is that of scikit-learn, to rounding."""

import random

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from icon.results.term_vectors import term_vectors

DRAW = random.Random(3)
WORDS = [f"{a}{b}" for a in "abcdefgh" for b in "mnopqrst"]
TEXTS = [[DRAW.choice(WORDS) for _ in range(DRAW.randint(0, 40))] for _ in range(60)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        ({"fewest": 16, "sublinear": True}, {"min_df": 16, "sublinear_tf": True}),
        ({"fewest": 2}, {"min_df": 2}),
    ],
)
def test_it_is_scikit_learns(ours, theirs):
    known = TfidfVectorizer(analyzer=list, dtype=np.float64, **theirs)
    expected = known.fit_transform(TEXTS)
    found = term_vectors(TEXTS, **ours)
    assert found.terms.tolist() == known.get_feature_names_out().tolist()
    np.testing.assert_allclose(found.tfidf.toarray(), expected.toarray(), atol=1e-14)


def test_of_more_terms_than_wanted_those_stay_that_come_most_often_and_of_equals_the_first():
    found = term_vectors([["b", "b", "c"], ["a", "c", "d"], ["d", "a"]], most=3)
    assert found.terms.tolist() == ["a", "b", "c"]


def test_by_hand():
    # ln(3/2) + 1 for "a", which one of two texts has; ln(3/3) + 1 = 1 for "b", which both have
    found = term_vectors([["a", "b", "b"], ["b"]])
    rare = np.log(1.5) + 1
    np.testing.assert_allclose(found.tfidf.toarray(), [np.array([rare, 2]) / np.hypot(rare, 2), [0, 1]])


@pytest.mark.parametrize("texts", [[], [[], []], [["a"], ["b"]]])
def test_without_a_term_there_are_no_vectors(texts):
    assert term_vectors(texts, fewest=2) is None
