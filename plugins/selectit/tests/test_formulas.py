"""The formulas of SelectIT, with numbers worked by hand."""

import math

import pytest

from icon_selectit.formulas import sentence_level, token_level


def logs(*probabilities):
    return [math.log(each) for each in probabilities]


def test_the_token_level_is_the_likeliest_rating_times_its_mean_lead():
    # Over the five ratings: 0.1, 0.1, 0.1, 0.5, 0.2. Rating 4; leads 0.4 + 0.4 + 0.4 + 0 + 0.3 = 1.5; 4 x 1.5 / 4
    assert token_level(logs(0.1, 0.1, 0.1, 0.5, 0.2)) == pytest.approx(1.5)


def test_what_the_model_gives_to_other_tokens_is_of_no_matter():
    # The same shares as above, with 90% of the probability elsewhere
    assert token_level(logs(0.01, 0.01, 0.01, 0.05, 0.02)) == pytest.approx(1.5)


def test_a_certain_rating_is_worth_itself_and_an_undecided_one_nothing():
    certain = [0.0, -800.0, -800.0, -800.0, -800.0]
    assert token_level(certain) == pytest.approx(1)
    assert token_level(certain[::-1]) == pytest.approx(5)
    assert token_level([-3.0] * 5) == 0


def test_of_two_equal_ratings_the_lower_counts():
    # Shares 0, 0.5, 0, 0, 0.5: rating 2, leads 3 x 0.5 = 1.5; 2 x 1.5 / 4
    assert token_level([-800.0, -1.0, -800.0, -800.0, -1.0]) == pytest.approx(0.75)


def test_probabilities_below_a_float_still_compare():
    assert token_level([-2000.0, -2001.0]) == pytest.approx(token_level([0.0, -1.0]))


def test_the_sentence_level_is_the_mean_lowered_by_the_spread():
    # Mean 3, std of (2, 4) divided by n = 1; 3 / 1.2 and 3 / 1.5
    assert sentence_level([2.0, 4.0], 0.2) == pytest.approx(2.5)
    assert sentence_level([2.0, 4.0], 0.5) == pytest.approx(2.0)
    assert sentence_level([2.0, 4.0], 0) == pytest.approx(3.0)


def test_one_rating_prompt_has_no_spread():
    assert sentence_level([2.5], 0.2) == 2.5
