"""`top` ranks the scored candidates and says of everyone why."""

import random

import pytest

from icon.errors import ConfigError, PluginError
from icon.selection import tie_warnings
from icon.types import Message, Sample


@pytest.fixture
def five():
    return [Sample(id_, row, (Message("user", f"Ask {id_}"),), "Tell.") for row, id_ in enumerate("abcde")]


def ids(selection):
    return [decision.id for decision in selection.decisions if decision.selected]


def test_ranks_by_score_then_id(select, five):
    selection = select("top", five, {"e": 1.0, "b": 1.0, "a": 0.5, "c": -2.0}, count=2)
    assert [decision.id for decision in selection.decisions] == list("abcde")
    assert {decision.id: decision.rank for decision in selection.decisions} == {
        "b": 1,
        "e": 2,
        "a": 3,
        "c": 4,
        "d": None,
    }
    assert ids(selection) == ["b", "e"]
    reasons = {decision.id: decision.reason for decision in selection.decisions}
    assert reasons["b"] == "selected: rank 1 of 4 by score"
    assert reasons["c"] == "below the cut: rank 4 of 4, 2 kept"
    assert reasons["d"] == "not scored: top ranks scored candidates only"
    assert not selection.warnings


def test_a_share_is_one_of_all_candidates_scored_or_not(select, five):
    assert ids(select("top", five, {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, share=0.5)) == ["b", "c", "d"]  # 2.5 of 5
    few = select("top", five, {"a": 1.0}, share=0.5)
    assert ids(few) == ["a"]
    assert "keep = 50% of 5, rounded, that is 3, exceeds the 1 scored candidates" in few.warnings[0]


def test_a_count_beyond_the_scored_keeps_them_all_and_warns(select, five):
    selection = select("top", five, {"a": 1.0, "b": 2.0}, count=4)
    assert ids(selection) == ["a", "b"]
    assert "keep = 4 exceeds the 2 scored candidates" in selection.warnings[0]
    beyond = select("top", five, dict.fromkeys("abcde", 1.0), count=9)
    assert "keep = 9 exceeds the pool's 5 candidates: all of them are kept" in beyond.warnings[0]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_refused(select, five, score):
    with pytest.raises(PluginError, match="score of candidate b"):
        select("top", five, {"a": 1.0, "b": score}, share=0.5)


def test_nothing_scored_is_refused(select, five):
    with pytest.raises(ConfigError, match="none of the 5 candidates"):
        select("top", five, {"elsewhere": 1.0}, share=0.5)


def test_the_order_of_the_pool_plays_no_part(select, planted):
    chosen = set(ids(select("top", planted.samples, planted.scores, share=0.1)))
    shuffled = random.Random(1).sample(planted.samples, len(planted.samples))
    assert set(ids(select("top", shuffled, planted.scores, share=0.1))) == chosen
    assert chosen <= planted.good


def test_two_candidates_with_one_id_are_refused(select, five):
    """Positions would no longer tell who is who."""
    with pytest.raises(ConfigError, match="two candidates have the id c"):
        select("top", [*five, five[2]], {"a": 1.0, "c": 0.5}, count=1)


def test_how_many_tie_at_the_cut_is_a_figure_of_the_selection(select, five):
    # 0.9, 0.5, 0.5, 0.5, 0.1 by the ids a to e, and three kept: two of the three in the middle.
    scores = dict(zip("abcde", [0.9, 0.5, 0.5, 0.5, 0.1], strict=True))
    quality = select("top", five, scores, count=3).quality
    assert (quality["n_tied"], quality["n_selected_tied"]) == (3, 2)
    assert "n_tied" not in select("top", five, scores, count=1).quality
    assert "n_tied" not in select("top", five, scores, count=4).quality


def test_a_cut_through_equal_scores_is_told_with_how_many_of_them_are_kept():
    # Of 0.9, 0.5, 0.5, 0.5, 0.1 two are kept: one of the three in the middle, by its id.
    assert tie_warnings({"a": 0.9, "b": 0.5, "c": 0.5, "d": 0.5, "e": 0.1}, ["a", "b", "c", "d", "e"], 2) == [
        "3 candidates have the score of the last one kept, and 1 of them are kept: their ids decide"
    ]
    assert tie_warnings({"a": 0.9, "b": 0.5, "c": 0.5}, ["a", "b", "c"], 1) == []
    assert tie_warnings({"a": 0.5, "b": 0.5}, ["a", "b"], 2) == []
