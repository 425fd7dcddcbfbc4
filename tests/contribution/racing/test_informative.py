"""The order that a pilot teaches: informative samples first, the shorter of two alike before the longer."""

import warnings

import numpy as np
import pytest

from icon.contribution.racing.informative import informative_order, pilot_size


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("candidates", "pilot"),
    [(0, 0), (1, 0), (15, 0), (16, 4), (19, 4), (20, 5), (63, 15), (64, 16), (65, 16), (52_002, 16)],
)
def test_a_quarter_of_the_candidates_but_four_to_sixteen(candidates, pilot):
    assert pilot_size(candidates) == pilot


@pytest.mark.parametrize("seed", range(5))
def test_every_sample_has_one_place(seed):
    c = rng(seed).standard_normal((7, 23))
    assert sorted(informative_order(c, list(range(23)))) == list(range(23))


def test_a_sample_that_says_all_comes_first():
    """Column 3 is made the mean over the others, and so the mean over all of them; only its correlation is 1."""
    c = rng().standard_normal((12, 9))
    c[:, 3] = np.delete(c, 3, axis=1).mean(axis=1)
    np.testing.assert_allclose(c[:, 3], c.mean(axis=1))
    assert informative_order(c, [5] * 9)[0] == 3


def test_of_two_that_say_the_same_the_shorter_is_first():
    c = rng().standard_normal((12, 8))
    c[:, 5] = c[:, 2]
    for lengths in ([9, 9, 4, 9, 9, 8, 9, 9], [9, 9, 8, 9, 9, 4, 9, 9]):
        order = informative_order(c, lengths)
        shorter, longer = (2, 5) if lengths[2] < lengths[5] else (5, 2)
        assert order.index(shorter) < order.index(longer)


def test_the_first_is_worth_most_a_token_by_hand():
    """Means over the two samples: 2, -1, -1 beside a; squared correlations 1 for a and b alike, so the length decides."""
    c = np.array([[2.0, 2.0], [-1.0, -1.0], [-1.0, -1.0]])
    assert informative_order(c, [3, 4]) == [0, 1]
    assert informative_order(c, [4, 3]) == [1, 0]
    # Correlations with the mean (0.5, 0.5, -1): a (1, 0, -1) has 0.866, squared 3/4; b (0, 1, -1) the same.
    c = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    assert informative_order(c, [2, 1]) == [1, 0]
    # d is left out of the mean's direction: (1, -2, 1) is at right angles to (1, 0, -1), squared correlation 1/13
    # with the mean (1, -1, 0) of (1, 0, -1) and (1, -2, 1): 3/4 for the other against 1/4 and 3/4.
    c = np.array([[1.0, 1.0], [0.0, -2.0], [-1.0, 1.0]])
    assert informative_order(c, [1, 2]) == [0, 1]  # 1/4 a token against 3/8 ...
