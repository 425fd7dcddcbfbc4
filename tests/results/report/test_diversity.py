"""The diversity number, worked by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import cosine_distances

from icon.results.report._texts_compared import diversity, mean_distance


def test_equal_texts_are_at_0_and_texts_without_a_common_word_at_1():
    same, apart = np.array([[1.0, 0], [1, 0], [1, 0]]), np.eye(3)
    assert mean_distance(csr_matrix(same)) == pytest.approx(0)
    assert mean_distance(csr_matrix(apart)) == pytest.approx(1)


def test_three_vectors_by_hand():
    # distances: e1 to e2 1, e1 to the diagonal 1 - cos 45 degrees, e2 to it the same
    vectors = csr_matrix(np.array([[1.0, 0], [0, 1], [0.5**0.5, 0.5**0.5]]))
    assert mean_distance(vectors) == pytest.approx((1 + 2 * (1 - 0.5**0.5)) / 3)


def test_it_is_the_mean_over_all_pairs_as_another_library_gives_them():
    vectors = np.abs(np.random.default_rng(1).normal(size=(30, 7)))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = cosine_distances(vectors)[np.triu_indices(30, 1)]
    assert mean_distance(csr_matrix(vectors)) == pytest.approx(pairs.mean())


def test_one_text_has_no_distance():
    assert mean_distance(csr_matrix(np.eye(1))) is None
    assert diversity(csr_matrix(np.eye(3)), [0, 1, 2], [1], 0) is None
    assert diversity(csr_matrix(np.eye(3)), [0, 1, 2], [0, 1, 2], 0) is None


def test_a_selection_of_like_texts_lies_below_what_chance_gives():
    vectors = csr_matrix(np.vstack([np.eye(20), np.tile(np.eye(20)[0], (5, 1))]))
    found = diversity(vectors, list(range(25)), list(range(20, 25)), 7)
    assert found["selected"] == pytest.approx(0)
    assert found["selected"] < found["low"] <= found["random"] <= found["high"]
