"""Thresholds and what they keep, and how many values a page counts with."""

from dataclasses import replace

from icon.report.page.certainty import around_the_cut, bar, reach
from icon.report.page.ranking import carried, ranking
from icon.runs.scores import ScoreRow


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


def test_a_bar_is_the_interval_of_a_race_or_else_two_standard_errors():
    assert bar(row("a", 1.0, standard_error=0.5, low=0.8, high=1.4)) == (0.8, 1.4)
    assert bar(row("a", 1.0, standard_error=0.5)) == (1 - 0.98, 1 + 0.98)
    assert bar(row("a", 1.0)) is None
    assert reach(row("a", 1.0, standard_error=0.5, margin=0.1)) == 0.1


def test_who_may_lie_on_the_other_side_of_the_cut_is_counted():
    # errors of 0.5: bars of 0.98 either way; the cut is 3, so 2 (up to 2.98) is out and 3 and 4 - 0.98 are not below
    rows = [
        row(name, score, standard_error=0.5) for name, score in zip("abcde", (1.0, 2.0, 3.0, 3.9, 5.0), strict=True)
    ]
    found = around_the_cut(rows, "3")
    assert (found["cut"], found["kept"], found["n"], found["crossing"]) == (3.0, 3, 5, 2)
    assert found["rank"] == [1, 2, 3, 4, 5]
    assert found["score"] == [5.0, 3.9, 3.0, 2.0, 1.0]
    assert around_the_cut([replace(each, standard_error=None) for each in rows], "3") is None
