"""`cascade` ranks by the run's own score whom it measured, all others by the cheap one, and says so of everyone."""

from collections import Counter

import pytest

from icon.errors import ConfigError
from icon.pipeline.builtin import selector_strategies
from icon.plugins import Narrowed, Narrowing, SelectionTask
from icon.types import Keep, Message, Sample

TEN = [Sample(id_, row, (Message("user", f"Ask {id_}"),), "Tell.") for row, id_ in enumerate("abcdefghij")]
CHEAP = {id_: float(n) for n, id_ in enumerate("abcdefghij")}  # j is the best
CASCADE = next(strategy for strategy in selector_strategies() if strategy.name == "cascade")


def make(**options):
    return CASCADE.make(options)


def select(scores, *, count=2, failed=(), best="hij", checked="b", cheap=CHEAP, **options):
    narrowed = Narrowed("icon", "length", cheap, list(best), list(checked))
    task = SelectionTask(TEN, scores, Keep(count=count), 42, None, failed=failed, narrowed=narrowed)
    return make(**options).select(task)


def test_it_has_the_ability_to_narrow():
    assert isinstance(make(), Narrowing)
    assert CASCADE.options.narrows


def test_by_default_twice_as_many_are_measured_as_are_kept():
    assert make().size(Keep(share=0.15), 200, None) == 60
    assert make().size(Keep(share=0.8), 200, None) == 200  # there are no more
    assert make().size(Keep(share=0.15), 200, 45) == 45
    assert make(share=0.5).size(Keep(count=7), 200, None) == 100


def test_fewer_than_are_kept_are_refused():
    with pytest.raises(ConfigError, match=r"20 candidates would be measured, and 30 are to be kept.*--subset 60"):
        make().size(Keep(share=0.15), 200, 20)


def test_two_sizes_are_refused():
    with pytest.raises(ConfigError, match=r"subset 50 and the option share 0.5 both say"):
        make(share=0.5).size(Keep(count=7), 200, 50)


def test_the_best_go_on_and_some_of_the_others_are_drawn():
    best, checked = make().narrow(CHEAP, 4, 42)
    assert best == ["j", "i"]
    assert len(checked) == 2
    assert set(checked) <= set("abcdefgh")


def test_at_least_five_are_drawn_and_at_most_half_of_those_that_are_measured():
    many = {f"c{n:03}": float(n) for n in range(400)}
    for size, drawn in [(2, 1), (8, 4), (20, 5), (100, 10), (398, 40), (399, 40)]:
        best, checked = make(check=0.1).narrow(many, size, 42)
        assert (len(best), len(checked)) == (size - drawn, drawn), size


def test_the_low_end_goes_on_where_that_is_preferred():
    assert make(check=0, prefer="low").narrow(CHEAP, 3, 42) == (["a", "b", "c"], [])


def test_every_other_candidate_is_checked_as_often_as_any():
    drawn = Counter(id_ for seed in range(1400) for id_ in make(check=0.25).narrow(CHEAP, 4, seed)[1])
    assert drawn.keys() == set("abcdefgh")
    assert all(abs(n - 350) < 5 * 16.2 for n in drawn.values())  # two of eight; standard deviation sqrt(1400 3/16)


def test_where_all_are_measured_nobody_is_drawn():
    assert make().narrow(CHEAP, 10, 42) == (list("jihgfedcba"), [])


def test_decisions_by_hand():
    selection = select({"h": 3.0, "i": 1.0, "j": 2.0, "b": 2.5})
    found = {one.id: (one.selected, one.rank, one.decided_by, one.reason) for one in selection.decisions}
    assert found["h"] == (True, 1, "icon", "selected: rank 1 of 4 by icon")
    assert found["b"] == (True, 2, "icon", "selected: rank 2 of 4 by icon")
    assert found["j"] == (False, 3, "icon", "below the cut: rank 3 of 4 by icon, 2 kept")
    said = "below the cut: number 1 of the 6 that length alone ranks, behind the 4 scored by icon"
    assert found["g"] == (False, 5, "length", said)
    assert found["a"][1] == 10
    assert {id_ for id_, (_, _, by, _) in found.items() if by == "icon"} == set("bhij")
    assert selection.warnings == []


def test_the_figures_say_how_many_were_decided_by_which_score():
    quality = select({"h": 3.0, "i": 1.0, "j": 2.0, "b": 2.5}).quality
    assert (quality["n_scored"], quality["n_by_cheap"], quality["n_selected_by_cheap"]) == (4, 6, 0)
    assert (quality["n_checked"], quality["n_checked_selected"], quality["missed"]) == (1, 1, 1.0)


def test_who_failed_is_not_ranked_by_the_cheap_score():
    selection = select({"h": 3.0, "i": 1.0, "b": 0.5}, failed=["j"])
    found = {one.id: one for one in selection.decisions}
    assert (found["j"].rank, found["j"].decided_by) == (None, "")
    assert found["g"].rank == 4


def test_who_was_not_reached_is_ranked_by_the_cheap_score():
    found = {one.id: one for one in select({"h": 3.0, "i": 1.0}).decisions}
    assert (found["j"].rank, found["j"].decided_by) == (3, "length")


def test_where_more_are_kept_than_scored_the_cheap_score_fills_up_and_it_says_so():
    selection = select({"h": 3.0, "i": 1.0, "j": 2.0, "b": 2.5}, count=6)
    assert {one.id for one in selection.decisions if one.selected} == set("bhijgf")
    assert selection.quality["n_selected_by_cheap"] == 2
    assert selection.warnings == [
        "6 are to be kept and 4 are scored: all of these are kept, and 2 more by length alone; for a choice by the "
        "score keep fewer (--keep), or score more in a new run (--subset)"
    ]


def test_the_others_are_ranked_from_the_preferred_end():
    cheap = {**CHEAP, "a": -1.0}
    found = {one.id: one.rank for one in select({"h": 1.0}, checked="", best="h", cheap=cheap, prefer="low").decisions}
    assert (found["a"], found["b"], found["j"]) == (2, 3, 10)
