"""`drop-worst` leaves out the lowest scores and draws the rest at random, and says of everyone why."""

import random
from collections import Counter

import pytest
from pydantic import ValidationError

from icon.selection.drop_worst import DropWorstOptions
from icon.types import Message, Sample


def samples(names):
    return [Sample(id_, row, (Message("user", f"Ask {id_}"),), "Tell.") for row, id_ in enumerate(names)]


TEN = samples("abcdefghij")
SCORES = {id_: float(n) for n, id_ in enumerate("abcdefghij")}  # a is the worst


def ids(selection):
    return {decision.id for decision in selection.decisions if decision.selected}


def test_the_worst_share_is_never_selected_and_everyone_else_is_as_often_as_any_other(select):
    drawn = Counter(id_ for seed in range(2000) for id_ in ids(select("drop-worst", TEN, SCORES, count=2, seed=seed)))
    assert drawn.keys() == set("defghij")
    # 2 of 7 are drawn: 571 times each of 2,000, with a standard deviation of 20
    assert all(abs(n - 2000 * 2 / 7) < 5 * 20.2 for n in drawn.values())


def test_reasons_by_hand(select):
    selection = select("drop-worst", TEN, {**SCORES}, count=6)
    reasons = {decision.id: (decision.rank, decision.reason) for decision in selection.decisions}
    assert reasons["a"] == (10, "among the worst: rank 10 of 10 by score, the last 3 are left out")
    assert reasons["c"] == (8, "among the worst: rank 8 of 10 by score, the last 3 are left out")
    assert {rank for id_, (rank, _) in reasons.items() if id_ in "defghij"} == set(range(1, 8))
    (missed,) = set("defghij") - ids(selection)
    assert reasons[missed] == (7, "not drawn: number 7 of the 7 that are not among the worst, 6 kept")
    assert "selected: drawn as number 1 of the 7 that are not among the worst" in {why for _, why in reasons.values()}
    assert selection.quality["n_left_out"] == 3
    assert selection.warnings == []


def test_the_draw_depends_on_the_seed_and_not_on_the_scores_of_those_who_stay(select):
    chosen = ids(select("drop-worst", TEN, SCORES, count=3))
    shuffled = dict(zip("defghij", random.Random(5).sample(range(100, 200), 7), strict=True))
    assert ids(select("drop-worst", TEN, {**SCORES, **shuffled}, count=3)) == chosen
    assert any(ids(select("drop-worst", TEN, SCORES, count=3, seed=seed)) != chosen for seed in range(5))


def test_where_more_are_to_be_kept_than_are_left_fewer_are_left_out_and_it_says_so(select):
    selection = select("drop-worst", TEN, SCORES, count=9)
    assert ids(selection) == set("bcdefghij")
    assert selection.warnings == [
        "drop = 0.3 would leave 7 of the 10 scored candidates, and 9 are to be kept: 1 of the worst left out "
        "instead of 3"
    ]


def test_without_a_score_a_candidate_is_neither_drawn_nor_counted(select):
    selection = select("drop-worst", TEN, {"a": 1.0, "b": 2.0, "c": 3.0}, count=1, drop=0.5)
    assert {decision.id for decision in selection.decisions if decision.rank is None} == set("defghij")
    assert selection.decisions[9].reason == "not scored: drop-worst ranks scored candidates only"
    assert selection.quality["n_left_out"] == 2  # half of three, rounded
    assert ids(selection) == {"c"}


def test_equal_scores_on_both_sides_of_the_cut_are_warned_of(select):
    selection = select("drop-worst", TEN, dict.fromkeys("abcdefghij", 1.0), count=2)
    assert selection.warnings == [
        "10 candidates have the score of the best one left out, and 3 of them are left out: their ids decide"
    ]


@pytest.mark.parametrize("drop", [0, 1, -0.1, 30])
def test_a_share_outside_of_0_and_1_is_refused(drop):
    with pytest.raises(ValidationError, match="drop"):
        DropWorstOptions(drop=drop)
