"""A scorer may warn of what was selected by its scores: in run.json and in the summary."""

import json

import pytest

import icon
from icon.errors import PluginError
from icon.plugins import Strategy, hookimpl
from icon.scorers import AloneScorer, RatioScorer


class Lengths(AloneScorer):
    """Scores by length, and warns with what it was shown."""

    def value_of(self, candidate):
        return float(len(candidate.response))

    def selection_warnings(self, scores, kept):
        return [
            f"shown {len(scores)} scores and {len(kept)} kept: the least of them {min(scores[id_] for id_ in kept)}"
        ]


class Breaking(Lengths):
    def selection_warnings(self, scores, kept):
        raise ZeroDivisionError("of all things")


class Offering:
    @hookimpl
    def icon_contribution_scorers(self):
        return [
            Strategy("lengths", "warns", lambda options: Lengths()),
            Strategy("breaking", "raises", lambda options: Breaking()),
        ]


SETTINGS = {"selector": "top", "keep": 3, "baselines": ()}


def test_what_a_scorer_says_of_a_selection_stands_in_run_json(start, tmp_path, pool, tasks):
    start(pool, tasks, tmp_path / "run", Offering(), scorer="lengths", **SETTINGS)
    kept = [row for row in icon.load_run(tmp_path / "run").rows if row.selected]
    (told,) = json.loads((tmp_path / "run/run.json").read_text())["warnings"]["select"]
    assert told == f"shown 36 scores and 3 kept: the least of them {min(row.score for row in kept)}"


def test_a_scorer_that_raises_there_is_named(start, tmp_path, pool, tasks):
    with pytest.raises(PluginError, match=r"scorer breaking \(test-1\) raised: ZeroDivisionError: of all things"):
        start(pool, tasks, tmp_path / "run", Offering(), scorer="breaking", **SETTINGS)


SCORES = {"a": 0.9, "b": 0.2, "c": -1.0, "d": -1.5, "e": -7.0}
"""Scores of the ratios 0.9, 0.2, 1, 1.5 and 7."""


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("ab", None),
        ("abc", "ratio of 1 or more: 1 of the 3 kept candidates. "),
        ("abcde", "ratio of 1 or more: 3 of the 5 kept candidates. "),
    ],
)
def test_ratios_of_1_or_more_among_the_kept_are_counted(kept, told):
    found = RatioScorer().selection_warnings(SCORES, kept)
    assert [each[: len(told)] for each in found] == ([told] if told else [])
    assert all(each.endswith("2 of the scored ones are below 1: --keep 2 keeps no others") for each in found)


def test_no_number_to_keep_is_given_where_others_than_the_scored_are_kept_or_none_lies_below():
    for scores, kept in ((SCORES, ["c", "not scored"]), ({"c": -1.0}, ["c"])):
        (told,) = RatioScorer().selection_warnings(scores, kept)
        assert told.startswith("ratio of 1 or more: 1 of the")
        assert "--keep" not in told
