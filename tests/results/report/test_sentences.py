"""What the page says of its run, and the command that it gives."""

import shlex
from dataclasses import replace

import pytest

from icon.cli._settings import parse_option
from icon.results.report._figures import cost
from icon.results.report._sentences import asked, caveats, reliability
from icon.results.report._threshold import command, ranking, selector_of
from support.records import with_choice, with_summary

RACE = {
    "pairs": 10,
    "pairs_exact": 40,
    "samples_reached": 2,
    "samples": 4,
    "reliability": 0.5,
    "confidence": 0.95,
    "decided_in": 1,
    "decided_out": 1,
    "open": 2,
    "capture": 0.9,
    "signal": 0.25,
    "candidates": 4,
    "path": [],
}


@pytest.fixture
def page(page_of):
    return page_of([4.0, 3.0, 2.0, 1.0], 2)


def test_the_command_names_the_selector_and_gives_its_options_as_they_can_be_read_back(page):
    given = {"features": "embedding", "share": 0.5, "names": ["a b", "it's"], "plain": None}
    page = with_choice(page, selector="balanced", selector_options=given)
    words = shlex.split(command(page, ranking(page.rows)))
    assert words[:5] == ["icon", "select", "runs/one", "--selector", "balanced"]
    assert words[-1] == "--keep"
    assert words[5:-1:2] == ["-o"] * 4
    assert {name: value for _, name, value in map(parse_option, words[6:-1:2])} == given


def test_a_selector_that_looks_at_more_gives_way_to_one_that_cuts_by_the_value_alone(page):
    page = with_choice(page, selector="diverse", selector_options={"pull": 2})
    chosen = (True, False, True, False)  # the second is better than the third, and was not taken
    rows = [replace(row, selected=taken) for row, taken in zip(page.rows, chosen, strict=True)]
    by_score = replace(page, rows=rows)
    assert command(by_score, ranking(rows)) == "icon select runs/one --selector top --keep"
    rows = [replace(row, probability=row.score / 10) for row in rows]
    assert selector_of(replace(page, rows=rows), ranking(rows)) == "classifier"


@pytest.mark.parametrize(
    ("ended", "words"), [("budget", "ended with the budget"), ("interrupted", "stopped; the same command goes on")]
)
def test_how_a_race_was_stopped_is_reported_with_the_cost_and_among_the_caveats(page, ended, words):
    page = with_summary(page, race=RACE | {"ended": ended})
    assert dict(cost(page))["Race"].endswith(f"2 of 4 assessment samples reached; {words}")
    assert words in dict(caveats(page))["Race"]


def test_a_race_that_fell_short_of_what_was_asked_for_is_among_the_caveats(page):
    page = with_summary(page, race=RACE | {"ended": "samples", "asked": 0.95})
    assert dict(caveats(page))["Race"] == (
        "The race ended at the last assessment sample, before the choice was as good as asked for: about 90% of what "
        "measuring every pair would gain, where 95% was asked for."
    )


def test_a_race_that_came_to_its_own_end_is_no_caveat(page):
    page = with_summary(page, race=RACE | {"ended": "decided"})
    assert "no two candidates are left to compare" in dict(cost(page))["Race"]
    assert "Race" not in dict(caveats(page))


@pytest.mark.parametrize(("chance", "said"), [(True, True), (False, False)])
def test_a_classifier_ranks_everybody_and_says_where_it_may_be_chance(page, chance, said):
    page = with_summary(page, selection_quality={"auc": 0.55, "auc_low": 0.45, "auc_high": 0.65, "chance": chance})
    found = dict(caveats(page))["Classifier"]
    assert found.startswith("All candidates, the scored ones too, were ranked by a classifier")
    assert found.endswith("which cannot be distinguished from chance.") is said


def test_a_scorer_without_a_model_is_not_said_to_have_one(page):
    assert "with fake (none)" in asked(page)
    assert "Model" in dict(caveats(page))
    page = with_summary(page, needs_model=False)
    assert "fake" not in asked(page)
    assert "Model" not in dict(caveats(page))


def test_a_scorer_without_assessment_samples_has_no_repetition_and_no_tasks(page):
    page = with_summary(page, reliability=None)
    assert reliability(page).startswith("Too few candidates or assessment samples")
    alone = replace(page, rows=[replace(row, n_assessed=0) for row in page.rows])
    assert reliability(alone).startswith("This scorer measures each candidate once")
    assert "without the assessment samples" in asked(alone)
    assert "Tasks" not in dict(caveats(alone))
