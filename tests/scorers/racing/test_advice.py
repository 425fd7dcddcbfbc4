"""What would help most, worked by hand from the reliability t v / (1 + t v)."""

import math

import pytest

from icon.scorers.racing import advise


def test_twice_the_samples_raise_the_gain_by_the_root_of_the_reliability():
    found = advise(0.5, 2, 100, 100)  # reliability 1/2 with 2 samples, 2/3 with 4
    assert found.gain == pytest.approx(math.sqrt((2 / 3) / (1 / 2)))


def test_where_every_candidate_is_scored_there_is_nothing_to_learn():
    found = advise(0.5, 2, 100, 100)
    assert found.learnt_from_samples is None
    assert found.learnt_from_candidates is None


def test_a_classifier_learns_twice_as_much_from_twice_the_candidates():
    found = advise(0.5, 2, 100, 1000)
    assert found.learnt_from_candidates == 2
    assert found.learnt_from_samples == pytest.approx(4 / 3)


def test_no_more_candidates_are_promised_than_the_pool_has():
    assert advise(0.5, 2, 100, 130).learnt_from_candidates == pytest.approx(1.3)


def test_the_noisier_the_scores_the_more_samples_help_but_never_beyond_twice():
    clear, noisy = (advise(v, 8, 10, 100).learnt_from_samples for v in (1.0, 0.001))
    assert 1 < clear < noisy < 2
