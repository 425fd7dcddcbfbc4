"""Scores at equal length: residuals against numpy and scipy, strata by hand, what becomes of errors and failures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from icon.config import RunConfig
from icon.errors import ConfigError
from icon.scorers import IconOptions, IconScorer, PplOptions, PplScorer
from icon.scorers.formulas import spearman
from icon.scorers.lengths import (
    at_equal_length,
    column_residuals,
    have_strata,
    how_of,
    ranks_within,
    residuals,
    response_lengths,
    strata_of,
)
from icon.scorers.options import ReverseOptions
from icon.scorers.reverse import ReverseScorer
from icon.types import Contribution, Measurement, Message, Sample, Status


def drawn(n=60, seed=0):
    draw = np.random.default_rng(seed)
    lengths = np.exp(draw.uniform(1, 6, n)).round()
    return draw.normal(size=n) - 0.8 * np.log(lengths), lengths


def test_residuals_are_those_of_numpy_and_scipy():
    scores, lengths = drawn()
    table = np.column_stack([np.ones(60), np.log(lengths)])
    coefficients, *_ = np.linalg.lstsq(table, scores, rcond=None)
    assert residuals(scores, lengths) == pytest.approx(scores - table @ coefficients, abs=1e-12)
    line = linregress(np.log(lengths), scores)
    assert residuals(scores, lengths) == pytest.approx(
        scores - line.intercept - line.slope * np.log(lengths), abs=1e-12
    )


def test_residuals_by_hand():
    # on lengths e^0, e^1, e^2 the line through 1, 2, 6 has slope 5/2 and level 3 in the middle: 0.5, 3, 5.5
    assert residuals(np.array([1.0, 2.0, 6.0]), np.exp([0.0, 1.0, 2.0])) == pytest.approx([0.5, -1.0, 0.5])


@given(
    st.lists(st.integers(1, 5000), min_size=3, max_size=40),
    st.floats(-5, 5, allow_nan=False),
    st.floats(-5, 5, allow_nan=False),
)
def test_a_score_that_is_a_function_of_the_logarithm_of_length_becomes_nought(lengths, level, slope):
    by = np.array(lengths, dtype=float)
    assert residuals(level + slope * np.log(by), by) == pytest.approx(np.zeros(len(by)), abs=1e-9)


def test_residuals_follow_length_no_more():
    scores, lengths = drawn(400)
    assert spearman(scores, lengths) < -0.5
    assert abs(np.corrcoef(residuals(scores, lengths), np.log(lengths))[0, 1]) < 1e-12


def test_where_all_lengths_are_the_same_only_the_mean_is_taken_off():
    assert residuals(np.array([1.0, 2.0, 6.0]), np.full(3, 7.0)) == pytest.approx([-2.0, -1.0, 3.0])


def test_residuals_of_the_columns_of_a_whole_table_have_the_mean_of_the_residuals_of_the_mean():
    draw = np.random.default_rng(1)
    _, lengths = drawn(30)
    table = draw.normal(size=(30, 8)) + np.log(lengths)[:, None] * draw.normal(size=8)
    assert column_residuals(table, lengths).mean(axis=1) == pytest.approx(residuals(table.mean(axis=1), lengths))
    assert column_residuals(table, lengths)[:, 3] == pytest.approx(residuals(table[:, 3], lengths))


def test_a_column_with_few_candidates_has_the_mean_slope_of_the_full_ones():
    lengths = np.exp(np.arange(20) / 10)
    x = np.log(lengths)
    table = np.full((20, 3), np.nan)
    table[:, 0], table[:, 1] = 2 * x, 4 * x
    table[[0, 10], 2] = [1.0, 9.0]  # 1 apart in log length: at a slope of 3, 3 of the 8 between them are its own
    found = column_residuals(table, lengths)
    assert found[:, :2] == pytest.approx(np.zeros((20, 2)), abs=1e-12)
    assert found[[0, 10], 2] == pytest.approx([-2.5, 2.5])
    assert np.isnan(np.delete(found[:, 2], [0, 10])).all()


def test_strata_are_deciles_with_about_ten_candidates_each():
    lengths = np.arange(1.0, 201.0)
    assert np.bincount(strata_of(lengths)).tolist() == [20] * 10
    assert strata_of(lengths[::-1]).tolist() == sorted(strata_of(lengths), reverse=True)
    assert np.bincount(strata_of(np.arange(1.0, 46.0))).tolist() == [11, 11, 12, 11]  # 45 candidates: 4 strata
    assert strata_of(np.arange(1.0, 16.0)).tolist() == [0] * 15


def test_equal_lengths_are_in_one_stratum():
    lengths = np.array([3.0] * 14 + [8.0] * 6)
    assert strata_of(lengths).tolist() == [0] * 14 + [1] * 6  # of two strata of ten each, neither cuts the threes


def test_ranks_within_strata_by_hand():
    scores = np.array([5.0, 1.0, 3.0, *range(7), 100.0, 200.0, *range(8)])
    lengths = np.array([2.0] * 10 + [9.0] * 10)
    found = ranks_within(scores, lengths)
    # the first ten are 5, 1, 3, 0, 1, 2, 3, 4, 5, 6: 6 is the best, 5 twice shares places 8 and 9
    assert found[:3] == pytest.approx([(8.5 - 0.5) / 10, (2.5 - 0.5) / 10, (5.5 - 0.5) / 10])
    assert found[9] == pytest.approx(0.95)
    assert found[10:12] == pytest.approx([0.85, 0.95])


def test_within_strata_a_score_that_is_a_function_of_length_says_next_to_nothing_of_it():
    lengths = np.arange(1.0, 301.0)
    assert abs(spearman(ranks_within(-lengths, lengths), lengths)) < 0.12


def made(scores, errors=0.5):
    return {id_: Contribution(id_, score, standard_error=errors) for id_, score in scores.items()}


def rows(table):
    return {id_: [Measurement(id_, f"t{i}", c=value) for i, value in enumerate(own)] for id_, own in table.items()}


def test_contributions_keep_the_measured_score_and_have_the_error_of_the_residuals():
    table = {"a": [1.0, 3.0], "b": [2.0, 6.0], "c": [6.0, 12.0]}
    lengths = {"a": 1.0, "b": np.e, "c": np.e**2}
    found = at_equal_length(made({"a": 2.0, "b": 4.0, "c": 9.0}), rows(table), lengths, "regress", "c")
    # columns 1 2 6 and 3 6 12 have residuals 0.5 -1 0.5 and 0.5 -1 0.5: the same, so they have no error
    assert [found[id_].score for id_ in "abc"] == pytest.approx([0.5, -1.0, 0.5])
    assert [found[id_].raw_score for id_ in "abc"] == [2.0, 4.0, 9.0]
    assert [found[id_].standard_error for id_ in "abc"] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_a_rank_within_a_stratum_has_no_error():
    scores = {f"{n:02d}": float(n) for n in range(20)}
    found = at_equal_length(made(scores), {}, dict.fromkeys(scores, 4.0), "strata", "c")
    assert [one.standard_error for one in found.values()] == [None] * 20
    assert found["19"].score == pytest.approx(0.975)
    assert found["19"].raw_score == 19.0


def test_a_candidate_without_a_score_stays_as_it_is_and_changes_no_other():
    failed = Contribution("x", None, status=Status.TOO_LONG, reason="too long")
    scores, lengths = {"a": 1.0, "b": 2.0, "c": 6.0}, {"a": 1.0, "b": np.e, "c": np.e**2}
    alone = {id_: [Measurement(id_, value=score)] for id_, score in scores.items()}
    found = at_equal_length({**made(scores, None), "x": failed}, alone, lengths, "regress", "value")
    without = at_equal_length(made(scores, None), alone, lengths, "regress", "value")
    assert found == {**without, "x": failed}


def test_none_changes_nothing():
    contributions = made({"a": 1.0})
    assert at_equal_length(contributions, {}, {}, "none", "c") == contributions


@pytest.mark.parametrize("how", ["regress", "strata"])
def test_two_candidates_cannot_be_compared_at_equal_length(how):
    with pytest.raises(ConfigError, match=f"equal_length {how}: found 2 scored candidates; valid: at least 3.*none"):
        at_equal_length(made({"a": 1.0, "b": 2.0}), {}, {"a": 1.0, "b": 2.0}, how, "c")


@pytest.mark.parametrize(
    ("setting", "scorer", "is_main", "expected"),
    [
        ("auto", IconScorer(IconOptions()), True, "none"),
        ("auto", ReverseScorer(ReverseOptions()), True, "strata"),
        ("auto", ReverseScorer(ReverseOptions()), False, "strata"),
        ("regress", ReverseScorer(ReverseOptions()), True, "regress"),
        ("strata", ReverseScorer(ReverseOptions()), True, "strata"),
        ("strata", IconScorer(IconOptions()), False, "none"),
        ("none", ReverseScorer(ReverseOptions()), False, "none"),
    ],
)
def test_auto_is_what_the_scorer_prefers_and_a_baseline_keeps_its_own(setting, scorer, is_main, expected):
    assert how_of(RunConfig(equal_length=setting), scorer, is_main=is_main) == expected


@pytest.mark.parametrize("given", [{"schedule": "race"}, {"schedule": "uniform"}, {"budget": "5m"}], ids=str)
def test_in_a_race_least_squares_stand_in_for_strata_that_only_the_scorer_asked_for(given):
    """Ranks within strata are no means over assessment samples. A baseline is not raced."""
    scorer = ReverseScorer(ReverseOptions())
    assert how_of(RunConfig(**given), scorer) == "regress"
    assert how_of(RunConfig(**given), scorer, is_main=False) == "strata"
    assert how_of(RunConfig(**given, equal_length="none"), scorer) == "none"
    assert how_of(RunConfig(**given, equal_length="strata"), scorer) == "strata"  # refused, by the schedule


def test_strata_say_something_of_two_of_them_whose_candidates_no_other_score_chose():
    assert [have_strata(n) for n in (19, 20)] == [False, True]
    assert not have_strata(500, narrowed=True)
    scorer = ReverseScorer(ReverseOptions())
    assert (
        how_of(RunConfig(), scorer, strata=False)
        == how_of(RunConfig(), scorer, is_main=False, strata=False)
        == "regress"
    )
    assert how_of(RunConfig(equal_length="strata"), scorer, strata=False) == "strata"
    assert how_of(RunConfig(), IconScorer(IconOptions()), strata=False) == "none"


SAMPLES = {id_: Sample(id_, 0, (Message("user", "p"),), "r" * n) for id_, n in (("a", 4), ("b", 9), ("x", 5))}


def test_lengths_are_in_tokens_where_the_scorer_counted_those_of_every_scored_candidate():
    measured = {
        "a": [Measurement("a", None, n_tokens=3)],
        "b": [Measurement("b", None, n_tokens=7)],
        "x": [Measurement("x", None, status=Status.FAILED, reason="no")],
    }
    scorer = PplScorer(PplOptions())
    assert response_lengths(SAMPLES, measured, scorer) == ({"a": 3.0, "b": 7.0}, "tokens")
    assert response_lengths(SAMPLES, measured, scorer, skip_tokens=2) == ({"a": 5.0, "b": 9.0}, "tokens")
    partly = {**measured, "b": [Measurement("b", None, value=1.0)]}
    assert response_lengths(SAMPLES, partly, scorer) == ({"a": 4.0, "b": 9.0}, "characters")


def test_the_tokens_of_a_pair_are_the_assessment_sample_s_but_for_the_reverse_direction():
    pair = {"a": [Measurement("a", "t", n_tokens=30)]}
    assert response_lengths(SAMPLES, pair, IconScorer(IconOptions())) == ({"a": 4.0}, "characters")
    assert response_lengths(SAMPLES, pair, ReverseScorer(ReverseOptions())) == ({"a": 30.0}, "tokens")


def test_an_empty_response_counts_as_one_character():
    samples = {"a": replace(SAMPLES["a"], response="")}
    found = response_lengths(samples, {"a": [Measurement("a", None, value=1.0)]}, PplScorer(PplOptions()))
    assert found == ({"a": 1.0}, "characters")
