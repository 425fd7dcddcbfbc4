"""Counts in bins, worked by hand."""

import pytest

from icon.results.report._histograms import histogram, shares


def test_a_value_on_an_edge_belongs_to_the_bin_above_and_the_highest_to_the_last():
    found = histogram([0.0, 0.5, 1.0, 1.0, 1.9, 2.0], bins=2)
    assert found["edges"] == [0, 1, 2]
    assert found["counts"] == [2, 4]


def test_one_value_alone_has_one_bin():
    found = histogram([3.0, 3.0, 3.0])
    assert found["counts"] == [3]
    assert found["edges"] == [2.5, 3.5]


def test_values_far_off_are_counted_at_the_ends_and_told():
    # quartiles 2 and 4 of 0..6, so the axis ends at 4 + 8 * 2 with one value far above
    found = histogram([0.0, 1, 2, 3, 4, 1000], bins=4)
    first, third = 1.25, 3.75
    assert found["edges"][-1] == pytest.approx(third + 8 * (third - first))
    assert found["edges"][0] == 0
    assert (found["below"], found["above"]) == (0, 1)
    assert sum(found["counts"]) == 6
    assert found["counts"][-1] == 1


def test_shares_are_of_their_own_side():
    assert shares([0.5, 0.6, 1.5, 9.0], [0, 1, 2]) == [0.5, 0.5]


def test_values_that_differ_by_rounding_alone_are_one_bin():
    found = histogram([0.3] * 50 + [0.1 + 0.2] * 50)  # 0.30000000000000004
    assert found["counts"] == [100]
    assert found["edges"] == pytest.approx([-0.2, 0.8])
    assert (found["below"], found["above"]) == (0, 0)


def test_quartiles_that_differ_by_rounding_alone_do_not_cut_the_axis():
    found = histogram([0.3] * 500 + [0.1 + 0.2] * 490 + [5.0] * 10)
    assert (found["edges"][0], found["edges"][-1]) == (0.3, 5.0)
    assert (found["counts"][0], found["counts"][-1], found["above"]) == (990, 10, 0)
