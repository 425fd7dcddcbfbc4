"""Slices cover the assessment set, each as large as what lies before it asks for."""

import math
from itertools import pairwise

import pytest

from icon.scorers.racing import FIRST, boundaries, fewest_samples


@pytest.mark.parametrize(
    ("n", "first", "expected"),
    [
        (100, 8, [8, 12, 17, 25, 36, 51, 73, 100]),  # 8 * 1.414 = 11.3, 12 * 1.414 = 16.97, ..., rounded up
        (20, 2, [2, 4, 8, 12, 17, 20]),
        (13, 1, [1, 2, 4, 8, 12, 13]),
        (9, 3, [3, 6, 8, 9]),  # doubling does not go past FIRST
        (9, 5, [5, 8, 9]),
        (40, 10, [10, 15, 22, 32, 40]),
        (8, 8, [8]),
        (5, 8, [5]),
        (1, 8, [1]),
    ],
)
def test_the_looks_by_hand(n, first, expected):
    assert boundaries(n, first) == expected


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 33, 128, 1020, 5000])
@pytest.mark.parametrize("first", [1, 2, 3, 5, 8, 13, 64])
def test_looks_begin_at_the_first_slice_grow_and_end_at_the_whole_set(n, first):
    looks = boundaries(n, first)
    assert looks[0] == min(first, n)
    assert looks[-1] == n
    assert all(before < after for before, after in pairwise(looks))


@pytest.mark.parametrize("first", [1, 2, 3, 8, 13])
def test_below_the_first_size_the_number_doubles_and_above_it_grows_by_the_square_root_of_two(first):
    for before, after in pairwise(boundaries(5000, first)[:-1]):
        if before < FIRST:
            assert after == min(2 * before, FIRST)
        else:
            assert math.sqrt(2) <= after / before < math.sqrt(2) + 1 / before


@pytest.mark.parametrize(
    ("n", "fewest", "expected"),
    [
        (100, 6, [8, 14, 20, 29, 42, 60, 85, 100]),  # 8 + 6, 14 + 6, 20 * 1.414 = 28.3, 41.01, 59.4, 84.9
        (32, 10, [10, 20, 32]),  # a last slice of 2 is part of the one before
        (32, 16, [16, 32]),
        (32, 17, [32]),  # two slices of 17 are more than there is: everything in one
        (32, 500, [32]),
    ],
)
def test_a_slice_has_at_least_the_fewest_samples(n, fewest, expected):
    assert boundaries(n, 8, fewest) == expected


@pytest.mark.parametrize(
    ("demonstrations", "samples", "expected"),
    [
        ([100, 300], [50, 70] * 20, 10),  # 3 * 200 / 60
        ([100, 301], [50, 70] * 20, 11),
        ([10], [500] * 9, 1),
        ([0], [60] * 9, 1),
        ([100], [0] * 9, 1),
        ([], [60] * 9, 1),
    ],
)
def test_a_slice_is_three_times_as_long_as_a_demonstration(demonstrations, samples, expected):
    assert fewest_samples(demonstrations, samples) == expected


@pytest.mark.parametrize(("length", "expected"), [(220, 11), (240, 33)])
def test_where_three_such_slices_do_not_fit_everything_is_one(length, expected):
    """11 and 12 samples of 60 tokens are three times 220 and 240; of 33, three times 12 are too many."""
    assert fewest_samples([length], [60] * 33) == expected
