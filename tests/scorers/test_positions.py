"""Gains by position class, and their shares, by hand."""

import math

import numpy as np
import pytest

from icon.scorers.positions import by_class, shares


def test_the_classes_add_up_to_what_counts():
    # tokens of 7, 2, 1, 0.5 and 0.5 nats: all count, then the last four, three and two
    for skip, counted, rest in ((0, 11.0, 2.0), (1, 4.0, 2.0), (2, 2.0, 2.0), (3, 1.0, 1.0)):
        n = 5 - skip
        assert by_class(counted / n, n, 7.0, 2.0, skip).tolist() == pytest.approx([7.0, 2.0, rest])


def test_a_response_of_one_token_has_no_second_and_no_rest():
    assert by_class(3.0, 1, 3.0, 0.0).tolist() == [3.0, 0.0, 0.0]


def test_shares_of_gain_and_of_variance_by_hand():
    # three candidates on two samples, each candidate the same on both: first 2, 4, 6; second 1; rest 0, 1, 2
    gains = np.array([[2.0, 1, 0], [2, 1, 0], [4, 1, 1], [4, 1, 1], [6, 1, 2], [6, 1, 2]])
    found = shares(gains, np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1]))
    assert found.mean.tolist() == [4.0, 1.0, 1.0]
    assert found.of_gain.tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    # the wholes are 3, 6, 9: their deviations -3, 0, 3 have the square sum 18, with those of first 12, of rest 6
    assert found.of_variance.tolist() == pytest.approx([12 / 18, 0.0, 6 / 18])


def test_a_loss_counts_by_its_size():
    found = shares(np.array([[-1.0, 0.5, 2.5]]), np.array([0]), np.array([0]))
    assert found.of_gain.tolist() == [0.25, 0.125, 0.625]
    assert all(math.isnan(share) for share in found.of_variance)  # a single candidate does not vary


def test_a_class_that_is_skipped_has_no_share():
    gains = np.array([[9.0, 1, 3], [5, 3, 1], [7, 2, 2]])
    found = shares(gains, np.arange(3), np.zeros(3, dtype=np.intp), 1)
    assert found.mean.tolist() == [7.0, 2.0, 2.0]
    assert math.isnan(found.of_gain[0])
    assert math.isnan(found.of_variance[0])
    assert found.of_gain[1:].tolist() == [0.5, 0.5]
    # second -1, 1, 0 and rest 1, -1, 0: the wholes do not vary
    assert all(math.isnan(share) for share in found.of_variance)


def test_what_differs_between_samples_is_no_variance_between_candidates():
    # of a race: candidate 2 is measured on the hard sample 1 alone, where everybody gains 10 more at the first token
    gains = np.array([[1.0, 0, 1], [11, 0, 1], [1, 0, 3], [11, 0, 3], [11, 0, 2]])
    found = shares(gains, np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 1]))
    assert found.of_variance.tolist() == pytest.approx([0.0, 0.0, 1.0])


def test_where_nothing_is_gained_there_is_no_share():
    found = shares(np.zeros((4, 3)), np.arange(4), np.zeros(4, dtype=np.intp))
    assert np.isnan(found.of_gain).all()
    assert np.isnan(found.of_variance).all()
