"""The suite of selectors finds a selector that breaks a rule."""

from dataclasses import replace

import pytest

from icon.plugins import SelectionTask
from icon.selection import TopOptions, TopSelector
from icon.testing import SelectorSuite
from icon.testing.selector_suite import KEEPS, SEED, _samples
from icon.types import Keep

SUITE, CANDIDATES = SelectorSuite(), _samples()
SCORES = {sample.id: float(row % 25) for row, sample in enumerate(CANDIDATES) if row % 3}


def selecting(change):
    """What the suite's `select` does, with a selector `top` whose decisions are changed."""

    def selected(**given):
        told = {"candidates": CANDIDATES, "scores": SCORES, "keep": KEEPS[0], "seed": SEED, "backend": None, **given}
        found = TopSelector(TopOptions()).select(SelectionTask(**told))
        return replace(found, decisions=change(list(found.decisions)))

    return selected


def worst_first(decisions):
    """Ranks the selected last."""
    n = sum(each.rank is not None for each in decisions)
    return [each if each.rank is None else replace(each, rank=n + 1 - each.rank) for each in decisions]


def by_position(decisions):
    """Selects whoever comes first in the pool."""
    ranks = iter(range(1, len(decisions) + 1))
    return [replace(each, rank=next(ranks), selected=place < 12) for place, each in enumerate(decisions)]


BROKEN = [
    ("test_gives_one_decision_per_candidate_in_the_order_given", lambda found: found[:-1], [CANDIDATES]),
    ("test_gives_one_decision_per_candidate_in_the_order_given", lambda found: found[::-1], [CANDIDATES]),
    (
        "test_selects_the_share_of_all_candidates_or_the_count_as_far_as_it_ranks_them",
        lambda found: [replace(each, selected=each.selected and each.rank > 1) for each in found],
        [KEEPS[0], CANDIDATES],
    ),
    (
        "test_ranks_every_scored_candidate",
        lambda found: [replace(each, rank=each.rank if each.selected else None) for each in found],
        [SCORES],
    ),
    ("test_ranks_count_from_one_and_the_selected_come_first", worst_first, [KEEPS[0]]),
    (
        "test_ranks_count_from_one_and_the_selected_come_first",
        lambda found: [replace(each, rank=each.rank and each.rank - 1) for each in found],
        [KEEPS[0]],
    ),
    (
        "test_gives_a_reason_of_one_line_for_every_candidate",
        lambda found: [replace(each, reason=f"{each.reason}\nand more") for each in found],
        [KEEPS[0]],
    ),
    (
        "test_gives_a_reason_of_one_line_for_every_candidate",
        lambda found: [replace(each, reason="") for each in found],
        [KEEPS[0]],
    ),
    ("test_a_probability_is_between_0_and_1", lambda found: [replace(each, probability=1.5) for each in found], []),
    ("test_the_order_of_candidates_and_scores_does_not_matter", by_position, [CANDIDATES, SCORES, KEEPS[0]]),
]


@pytest.mark.parametrize(("test", "change", "arguments"), BROKEN)
def test_a_broken_rule_is_found(test, change, arguments):
    getattr(SUITE, test)(selecting(list), *arguments)
    with pytest.raises(AssertionError):
        getattr(SUITE, test)(selecting(change), *arguments)


def test_a_selector_whose_share_is_of_what_was_measured_is_found():
    def of_the_measured(**given):
        if "measured" in given:
            keep = Keep(count=given["keep"].of(given["measured"]))
            return selecting(list)(**{**given, "keep": keep})
        return selecting(list)(**given)

    SUITE.test_a_share_does_not_depend_on_how_many_were_to_be_scored(selecting(list), CANDIDATES, SCORES)
    with pytest.raises(AssertionError):
        SUITE.test_a_share_does_not_depend_on_how_many_were_to_be_scored(of_the_measured, CANDIDATES, SCORES)


def test_a_selector_that_believes_any_score_is_found():
    def believing(**given):
        return selecting(list)(**{**given, "scores": SCORES})

    with pytest.raises(pytest.fail.Exception):
        SUITE.test_a_score_that_is_not_finite_is_refused(believing, SCORES, float("nan"))
