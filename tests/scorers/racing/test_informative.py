"""The order that a pilot teaches: informative samples first, the shorter of two alike before the longer."""

import warnings

import numpy as np
import pytest
from scipy.linalg import hadamard

from icon.scorers.racing import pilot_size
from icon.scorers.racing._slices import informative_order


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


@pytest.mark.parametrize(
    ("lengths", "order"), [([1, 2], [1, 0]), ([1, 4], [0, 1]), ([3, 8], [1, 0]), ([3, 10], [0, 1])]
)
def test_the_first_is_worth_most_a_token_by_hand(lengths, order):
    """The mean of (1, 0, -1) and (1, -2, 1) is (1, -1, 0): squared correlations 1/4 and 3/4, so it turns at 3 times."""
    c = np.array([[1.0, 1.0], [0.0, -2.0], [-1.0, 1.0]])
    assert informative_order(c, lengths) == order


def test_what_many_samples_say_comes_before_what_one_says_by_hand():
    """Eight samples say a, eight others one thing of their own each, all at right angles and as large.

    Beside t times a, one of the others raises the correlation with the mean where 2t/8 + 1/64 > 1: from t = 4 on.
    """
    angles = hadamard(16).astype(float)
    c = np.concatenate([angles[:, 8:], np.repeat(angles[:, 1:2], 8, axis=1)], axis=1)
    order = informative_order(c, [10] * 16)
    assert all(place >= 8 for place in order[:4])
    assert order[4] < 8


def test_samples_on_which_all_are_alike_do_no_harm():
    c = rng().standard_normal((12, 8))
    flat = c.copy()
    flat[:, [0, 4]] = [7.0, -2.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = informative_order(flat, [5] * 8)
        nothing = informative_order(np.full((6, 5), 0.3), [1, 2, 3, 4, 5])
    assert sorted(found) == list(range(8))
    assert found[0] not in (0, 4)
    assert sorted(nothing) == list(range(5))
    others = [place for place in found if place not in (0, 4)]
    assert others == [[1, 2, 3, 5, 6, 7][at] for at in informative_order(flat[:, [1, 2, 3, 5, 6, 7]], [5] * 6)]


def test_a_sample_without_length_counts_as_one_token():
    c = rng().standard_normal((12, 4))
    assert informative_order(c, [0, 0, 0, 0]) == informative_order(c, [1, 1, 1, 1])


def test_the_levels_of_the_samples_are_of_no_matter():
    c = rng().standard_normal((12, 8))
    assert informative_order(c + 100 * np.arange(8), [5] * 8) == informative_order(c, [5] * 8)


def test_the_same_pilot_teaches_the_same_order():
    c = rng().standard_normal((16, 40))
    assert informative_order(c, [5] * 40) == informative_order(c.copy(), [5] * 40)


@pytest.mark.parametrize("first", [4, 8])
def test_an_order_learnt_from_the_pilot_carries_over_to_the_other_candidates(first):
    """Six of 48 samples tell candidates apart and move three times as far; the others are noise."""
    learnt, at_random = [], []
    for seed in range(12):
        draw = rng(seed)
        effect = draw.standard_normal((100, 1))
        clear = np.isin(np.arange(48), draw.permutation(48)[:6])
        c = np.where(clear, 3 * effect, 0.0) + draw.standard_normal((100, 48))
        pilot, others = c[:16], c[16:]
        orders = [informative_order(pilot, [50] * 48), *(draw.permutation(48).tolist() for _ in range(20))]
        whole = others.mean(axis=1)
        found = [np.corrcoef(others[:, order[:first]].mean(axis=1), whole)[0, 1] for order in orders]
        learnt.append(found[0])
        at_random.append(np.mean(found[1:]))
    assert np.mean(learnt) > np.mean(at_random) + 0.15
    assert np.sum(np.array(learnt) > at_random) >= 10
