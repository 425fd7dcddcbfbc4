"""Ranks and places, worked by hand."""

from icon.results.explain._one_sample import standing
from icon.types import ScoreRow


def row(id_, score, rank, **more):
    return ScoreRow(
        id_, 0, 0, "scored" if score is not None else "not_scored", "", "why", score=score, rank=rank, **more
    )


ROWS = [
    row("a", 0.5, 2, baselines={"length": 10.0, "ppl": -3.0}, standard_error=0.1, low=0.3, high=0.8, margin=0.2),
    row("b", 0.7, 1, baselines={"length": 12.0}, selected=True),
    row("c", 0.5, 4, baselines={"length": 10.0, "ppl": -2.0}),
    row("d", None, 3, baselines={"length": 99.0}, probability=0.4),
]


def test_each_rank_is_over_those_that_have_the_number_and_equal_values_share_one():
    told = standing(ROWS, ROWS[0]).model_dump(mode="json")
    assert told["rank"] == {"rank": 2, "of": 4}
    assert told["score_rank"] == {"rank": 2, "of": 3}  # 0.7 is before, 0.5 beside
    assert told["baselines"] == {
        "length": {"value": 10.0, "rank": 3, "of": 4},  # 99 and 12 are before
        "ppl": {"value": -3.0, "rank": 2, "of": 2},
    }
    assert (told["score"]["low"], told["score"]["high"], told["score"]["margin"]) == (0.3, 0.8, 0.2)
    assert (told["score"]["value"], told["score"]["standard_error"]) == (0.5, 0.1)


def test_what_a_row_does_not_have_is_none_and_never_a_number():
    told = standing(ROWS, ROWS[3]).model_dump(mode="json")
    assert told["score"] is None
    assert told["score_rank"] is None
    assert told["probability"] == 0.4
    assert standing(ROWS, ScoreRow("", 9, 0, "bad_row", "why", "dropped: why")).rank is None
