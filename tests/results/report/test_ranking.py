"""Thresholds and what they keep, and how many values a page counts with."""

from dataclasses import replace

import numpy as np
import pytest

from icon.results.report._certainty import around_the_cut
from icon.results.report._document import kept_of
from icon.results.report._threshold import carried, ranking
from icon.scorers.racing import look
from icon.types import ScoreRow
from support.records import with_summary


def row(id_, score, **more):
    return ScoreRow(id_, 0, 0, "scored", "", "why", score=score, **more)


def test_the_cut_is_the_lowest_selected_value_of_a_selection_by_score():
    found = ranking([row("a", 1.0), row("b", 3.0, selected=True), row("c", 2.0, selected=True)])
    assert (found.by, found.cut, found.is_a_cut) == ("score", 2.0, True)
    assert (found.values, found.selected) == ([1, 2, 3], [2, 3])


def test_a_selection_that_looks_at_more_than_the_score_is_told_apart():
    found = ranking([row("a", 1.0, selected=True), row("b", 3.0, selected=True), row("c", 2.0)])
    assert found.cut == 2.0
    assert not found.is_a_cut


def test_a_classifier_ranks_by_its_probability_unscored_candidates_included():
    rows = [row("a", 1.0, probability=0.2), row("b", None, probability=0.9, selected=True)]
    found = ranking(rows)
    assert (found.by, found.values, found.cut) == ("probability", [0.2, 0.9], 0.9)


def test_of_many_values_every_kth_from_the_top_is_carried():
    assert carried([1, 2, 3], most=3) == {"values": [1, 2, 3], "stride": 1, "n": 3}
    # from the top: 10, 9 | 8, 7 | ...: the lower one of each pair says that two lie at or above it
    assert carried(list(range(1, 11)), most=5) == {"values": [1, 3, 5, 7, 9], "stride": 2, "n": 10}


def raced_rows():
    """Scores 5, 4, 2, 1, 0 of a race; the cut behind the second is 3."""
    return [
        row("a", 5.0, decided="in", margin=1.0, low=-5.0, high=15.0),
        row("b", 4.0, decided="open", margin=0.5, low=-4.0, high=11.0),  # centre 3.5: its margin reaches down to 3
        row("c", 2.0, decided="out", margin=0.9, low=-6.0, high=10.0),
        row("d", 1.0, decided="open"),  # too little is measured for a margin
        row("e", 0.0, decided="out", margin=0.0, low=0.0, high=0.0),
    ]


def test_in_a_race_the_cut_is_halfway_and_who_is_within_the_margin_or_without_one_is_open():
    found = around_the_cut(raced_rows(), 2)
    assert (found["kind"], found["n"], found["unsure"]) == ("race", 5, 1)
    assert (found["above"], found["open"], found["below"]) == (1, 2, 2)
    assert found["margin"] == [2.0, 0.5, -1.0, -2.0, -3.0]  # from the centres to 3, halfway between 4 and 2
    assert found["low"] == [1.0, 0.0, pytest.approx(-1.9), None, -3.0]
    assert around_the_cut(raced_rows(), 5) is None  # all are kept


def test_of_those_that_tie_at_the_cut_the_kept_ones_are_above_it():
    rows = [row(name, 1.0, decided="in", margin=0.0, low=1.0, high=1.0) for name in "abc"]
    rows.append(row("d", 0.0, decided="out", margin=0.0, low=0.0, high=0.0))
    found = around_the_cut(rows, 2)
    assert (found["above"], found["open"], found["below"]) == (2, 0, 2)


def test_the_page_and_the_race_agree_on_who_is_open():
    draw = np.random.default_rng(7)
    c = draw.normal(size=(40, 30)) + draw.normal(scale=0.6, size=(40, 1))
    c[20:, 12:] = np.nan
    c[:4] = 1.0  # measured on all 30 samples, and alike
    found = look(c, 30, 10, alpha=0.05, seed=0)
    each = found.estimates
    rows = [
        row(f"{i:02}", score, decided="?", margin=margin, low=low, high=high)
        for i, (score, margin, low, high) in enumerate(
            zip(each.score.tolist(), each.margin.tolist(), each.low.tolist(), each.high.tolist(), strict=True)
        )
    ]
    assert 0 < found.undecided.sum() < 40
    assert around_the_cut(rows, 10)["open"] == found.undecided.sum()


def test_a_count_is_one_of_the_pool_where_a_classifier_ranked_it(page_of):
    page = page_of([1.0, 2.0, 3.0, 4.0], 2, keep="2")
    assert kept_of(page, ranking(page.rows)) == 2
    rows = [replace(row, probability=0.5) for row in page.rows]
    page = with_summary(page, candidates=8)  # 2 of 8 are a quarter: one of the four that are scored
    page = replace(page, rows=rows)
    assert kept_of(page, ranking(page.rows)) == 1


def test_a_share_is_of_the_candidates_that_were_to_be_scored(page_of):
    page = page_of([1.0, 2.0, 3.0, 4.0, 5.0], 4, keep="70%")
    assert kept_of(page, ranking(page.rows)) == 4  # 70% of 5 are 3.5
    assert kept_of(with_summary(page, keep_of=7), ranking(page.rows)) == 5  # of 7 with two that failed 4.9
    assert kept_of(with_summary(page, keep_of=20), ranking(page.rows)) == 5
