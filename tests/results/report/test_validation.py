"""The section on validation: no until it was, then the verdict, the arms and the chart; names are never markup."""

import pytest

from icon.results.report import _validation
from icon.results.report._document import render
from icon.results.validated import Validated
from icon.runs.validation import JudgeInput, Validation
from icon.validation.statistics import verdict_of
from support.validated import GROUPS, arm, arms

SCORES = [float(score) for score in range(1, 11)]


def validation(several, **changes):
    judge = JudgeInput(source="held_out.jsonl", samples=8, digest="j")
    tables = {"steps": verdict_of(several, groups=GROUPS)}
    return Validation(selection="d", selected=3, judge=judge, settings={}, tables=tables, **changes)


def found(several=None, **changes):
    return Validated(validation(several or arms(), **changes), True, has_judge=True)


def test_without_a_verdict_the_page_says_no_and_how_to_get_one(page_of):
    html = render(page_of(SCORES, 3))
    assert "Validated: no: whether it teaches more than a random draw was not measured" in html
    assert "<code>icon validate RUN</code> trains on the selection" in html
    assert 'id="validation-plot"' not in html
    assert "this selection was not validated against one" in html


def test_with_one_it_has_the_verdict_every_arm_and_what_more_would_take(page_of):
    html = render(page_of(SCORES, 3, validated=found()))
    assert "Validated: better than random by 0.53 [" in html
    for text in ("longest", "low-ppl", "the whole pool", "Arms at equal steps", "first token", "by task group"):
        assert text in html
    assert "Training on a random draw lowers the loss" in html
    assert "What it takes to see more: an advantage of" in html
    assert 'id="validation-plot"' in html


def test_the_chart_by_hand():
    """Draws at 1.5, 1.52, 1.54 and 1.56, their mean 1.53; the selection at 1, the longest at 1.7; all with i / 16."""
    data = _validation.chart(found())
    assert data["name"] == ["selection", "longest", "low-ppl", "pool"]
    assert data["difference"] == pytest.approx([0.53, -0.17, 0.0, 0.13])
    assert data["draws"] == pytest.approx([0.03, 0.01, -0.01, -0.03])
    assert data["is_selection"] == [1, 0, 0, 0]
    assert _validation.chart(Validated(validation(arms()), False)) is None


def test_a_verdict_of_another_selection_is_not_shown(page_of):
    html = render(page_of(SCORES, 3, validated=Validated(validation(arms()), False)))
    assert "Validated: no (the verdict is of an earlier selection)." in html
    assert "better than random by" not in html


@pytest.mark.parametrize(("selection", "value"), [(1.0, "better"), (2.0, "worse"), (1.53, "chance")])
def test_the_figure_at_the_top_has_the_outcome(selection, value):
    assert _validation.figure(found(arms(selection)))[0] == value


def test_failed_arms_and_notes_are_listed_and_no_name_is_markup(page_of):
    hostile = "<img src=x onerror=alert(1)>"
    failed = arm("random-09", "random", 1.5).model_copy(update={"judged": (), "reason": "the loss is nan"})
    several = [*arms(), arm(hostile, "rule", 1.5), failed]
    html = render(page_of(SCORES, 3, validated=found(several, notes=("ifd is left out",))))
    assert "random-09 could not be trained: the loss is nan" in html
    assert "ifd is left out" in html
    assert hostile not in html
    assert _validation.chart(found(several))["name"][-2] == hostile[:30]  # the chart shows names as text


def test_the_chart_is_drawn_in_a_browser(page_of, open_page):
    opened = open_page(page_of(SCORES, 3, validated=found()))
    opened.page.locator("#validation-plot svg").first.wait_for()
    assert "4 arms are" in opened.page.locator("#validation-plot").get_attribute("aria-label")
    assert "the 4 random draws themselves" in opened.text("#validation-caption")
    assert opened.said == []
