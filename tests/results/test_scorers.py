"""Several scores of the same candidates: correlations and overlaps worked by hand, over what all of them scored."""

import pytest

from icon.errors import InputError
from icon.results import agreement
from icon.results.agreement import scores_of_run, scores_of_runs
from icon.types import Keep, ScoreRow


def tabulate(scores, keep):
    """The table as `--json` prints it."""
    return agreement.tabulate(scores, keep).model_dump(mode="json")


def row(id_, score, status="scored", **baselines):
    return ScoreRow(id_, int(id_[1:]), 0, status, "", "", score=score, baselines=baselines)


def test_every_two_scores_are_compared_over_the_candidates_that_all_have():
    one = {"c1": 1.0, "c2": 2.0, "c3": 3.0, "c4": 4.0}
    reversed_ = {"c1": 9.0, "c2": 7.0, "c3": 5.0, "c4": 3.0}
    swapped = {"c1": 1.0, "c2": 2.0, "c3": 4.0, "c4": 3.0, "c5": 99.0}
    found = tabulate({"one": one, "reversed": reversed_, "swapped": swapped}, Keep(share=0.5))
    assert (found["names"], found["candidates"], found["top"]) == (["one", "reversed", "swapped"], 4, 2)
    assert found["left_out"] == {"one": 0, "reversed": 0, "swapped": 1}
    assert found["expected"] == 0.5
    pairs = {(pair["a"], pair["b"]): (pair["spearman"]["value"], pair["overlap"]) for pair in found["pairs"]}
    # Ranks 1 2 3 4 against 1 2 4 3: 1 - 6 (1 + 1) / (4 * 15) = 0.8; tops {c3, c4}, {c1, c2}, {c3, c4}.
    assert pairs["one", "reversed"] == (pytest.approx(-1), 0.0)
    assert pairs["one", "swapped"] == (pytest.approx(0.8), 1.0)
    assert pairs["reversed", "swapped"] == (pytest.approx(-0.8), 0.0)


def test_a_score_without_variation_has_no_correlation_and_says_why():
    found = tabulate(
        {"one": {"c1": 1.0, "c2": 2.0, "c3": 3.0}, "flat": dict.fromkeys(("c1", "c2", "c3"), 1.0)}, Keep(count=1)
    )
    assert found["pairs"][0]["spearman"] == {"value": None, "n": 3, "reason": "all values of one side are equal"}


def test_the_scorers_of_a_run_are_its_own_first_and_rows_that_are_no_candidate_have_no_part():
    rows = [
        row("c0", 0.5, length=10.0, random=0.1),
        row("c1", None, "failed", length=20.0, random=0.2),
        row("c2", None, "not_scored"),
        row("c3", None, "duplicate"),
    ]
    assert scores_of_run(rows, "icon") == {
        "icon": {"c0": 0.5},
        "length": {"c0": 10.0, "c1": 20.0},
        "random": {"c0": 0.1, "c1": 0.2},
    }
    assert scores_of_runs({"a": rows}) == {"a": {"c0": 0.5}}


def test_a_single_score_is_refused():
    with pytest.raises(InputError, match="found the scores of icon alone; valid: two or more"):
        tabulate({"icon": {"c1": 1.0}}, Keep(share=0.5))


def test_scores_that_do_not_meet_are_refused_with_their_counts():
    with pytest.raises(InputError, match=r"no candidate is scored by all of them \(a: 1, b: 2\)"):
        tabulate({"a": {"c1": 1.0}, "b": {"c2": 1.0, "c3": 2.0}}, Keep(share=0.5))
