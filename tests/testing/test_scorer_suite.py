"""The suite for scorers finds what it is there to find: scorers that break one rule each fail the test of that rule."""

import math

import pytest

from icon.plugins import ScoringTask
from icon.samples.templates import load_template
from icon.scorers import (
    AloneScorer,
    IconOptions,
    IconScorer,
    TooLong,
    render_demonstration,
    render_target,
    response_outcomes,
    score_pairs,
)
from icon.testing import FakeBackend, ScorerSuite
from icon.testing.cases import ASSESSMENT
from icon.types import Measurement, Status


class Sound(AloneScorer):
    def value_of(self, candidate):
        return float(len(candidate.response))


class Ranking(Sound):
    """A value that depends on who is measured beside it."""

    def measure(self, candidates):
        order = sorted(candidates, key=lambda each: each.response)
        for each in candidates:
            yield [Measurement(each.id, value=float(order.index(each)))]


class Counting(Sound):
    """Another value each time."""

    seen = 0

    def value_of(self, candidate):
        self.seen += 1
        return float(self.seen)


class Backwards(Sound):
    def measure(self, candidates):
        return super().measure(candidates[::-1])


class Nameless(Sound):
    def value_of(self, candidate):
        return math.nan


class Remembering(Sound):
    """A score that needs more than the measurements."""

    def score(self, c, log_gain, value):
        return float(value[0]) + (self.task.seed if hasattr(self, "task") else 0)


class Idle(Sound):
    needs_backend = True


class Hiding:
    """Turns a failure into a number."""

    needs_backend, needs_assessment, column = True, False, "value"

    def prepare(self, task, finished):
        self.task = task
        return []

    def measure(self, candidates):
        for each, got in zip(candidates, response_outcomes(candidates, self.task), strict=True):
            yield [Measurement(each.id, value=0.0 if math.isnan(got.nll) else got.nll)]

    def score(self, c, log_gain, value):
        return float(value[0])


class WronglyRaced(IconScorer):
    """Says of a trimmed mean that it is a mean."""

    def __init__(self):
        super().__init__(IconOptions())
        self.mean_of_column = True

    def score(self, c, log_gain, value):
        return float(c.max())


class Raising(Hiding):
    """Ends the whole call at a candidate that is too long."""

    def measure(self, candidates):
        for each in candidates:
            render_target(each, self.task)
            render_demonstration(each, self.task)
            yield [Measurement(each.id, value=1.0)]


class Wordless(Hiding):
    """Says neither why there is no number nor leaves it out."""

    def measure(self, candidates):
        for each, got in zip(candidates, response_outcomes(candidates, self.task), strict=True):
            yield [Measurement(each.id, value=1.0, status=got.status)]


class Mistaken(Hiding):
    """Shares a sum under the name of a mean, or one pass under the name of the other."""

    shares_passes = True
    shared = "nll"

    def measure(self, candidates):
        for each, got in zip(candidates, response_outcomes(candidates, self.task), strict=True):
            nll = got.nll * got.n_tokens if self.shared == "nll" else got.nll
            yield [Measurement(each.id, value=1.0, n_tokens=got.n_tokens, **{self.shared: nll})]


class Swapped(Mistaken):
    shared = "nll_alone"


class Behind(IconScorer):
    """Shares as the baseline what was measured behind a context."""

    def __init__(self):
        super().__init__(IconOptions())

    def _baseline(self):
        got = score_pairs("other", "Some text.", self.task, self.targets)
        return [Measurement("", s.id, nll=o.nll) for s, o in zip(self.task.assessment, got, strict=True)]


class Partial(Sound):
    """Leaves out the last candidate when scoring all together."""

    def together(self, measured):
        return dict.fromkeys(list(measured)[:-1], 1.0)


def suite_on(scorer, name, **more):
    """One test of the suite, run on a scorer."""
    made, template = scorer(), load_template("paper")
    assessment = ASSESSMENT if made.needs_assessment else ()
    backend = FakeBackend() if made.needs_backend else None
    task = ScoringTask(backend, template, assessment, 7, 1024, 2040, 1024, True)
    with pytest.MonkeyPatch.context() as patch:
        suite = ScorerSuite()
        arguments = {"make_scorer": scorer, "task": task, "monkeypatch": patch, "limits": (1, 1, 1), "more": {}, **more}
        arguments |= {
            "plain_backend": FakeBackend(),
            "faulty_backend": FakeBackend(faults={suite.poison: Status.OUT_OF_MEMORY}),
        }
        test = getattr(suite, name)
        names = test.__code__.co_varnames[1 : test.__code__.co_argcount]
        test(**{each: arguments[each] for each in names})


TOO_LONG = "test_a_text_that_is_too_long_has_a_reason_and_no_number_and_raises_nothing"
SHARED = "test_nlls_that_it_shares_are_those_that_other_scorers_expect"
RULES = {
    TOO_LONG: Wordless,
    "test_gives_one_list_per_candidate_in_order_with_one_row_per_assessment_sample": Backwards,
    "test_numbers_are_finite_and_the_column_is_filled": Nameless,
    "test_a_candidate_measures_the_same_alone_as_among_others": Ranking,
    "test_the_order_of_the_candidates_does_not_matter": Counting,
    "test_measuring_twice_gives_the_same": Counting,
    "test_a_score_is_finite_and_depends_on_the_measurements_alone": Remembering,
    "test_a_failure_has_a_status_and_a_reason_and_no_number_and_changes_no_other": Hiding,
    "test_uses_the_backend_that_it_says_it_needs": Idle,
    "test_a_mean_of_a_column_is_one_also_on_a_part_of_the_assessment_set": WronglyRaced,
    "test_scores_of_all_candidates_together_are_complete_and_finite_whatever_the_order": Partial,
}


@pytest.mark.parametrize(("name", "scorer"), RULES.items(), ids=lambda each: getattr(each, "__name__", None))
def test_a_scorer_that_breaks_a_rule_fails_the_test_of_that_rule(name, scorer):
    with pytest.raises(AssertionError):
        suite_on(scorer, name)


@pytest.mark.parametrize("limits", [(1024, 1024, 1), (1, 1, 1)])
def test_a_scorer_that_raises_at_what_is_too_long_is_caught(limits):
    with pytest.raises(TooLong):
        suite_on(Raising, TOO_LONG, limits=limits)


@pytest.mark.parametrize("scorer", [Mistaken, Swapped, Behind])
def test_a_scorer_that_shares_other_numbers_than_it_says_is_caught(scorer):
    with pytest.raises(AssertionError):
        suite_on(scorer, SHARED)


@pytest.mark.parametrize("name", [TOO_LONG, SHARED])
def test_the_scorer_of_the_paper_passes_both(name):
    suite_on(lambda: IconScorer(IconOptions()), name, limits=(1024, 1024, 1))


@pytest.mark.parametrize("name", [name for name, scorer in RULES.items() if issubclass(scorer, Sound)])
def test_a_sound_scorer_passes_the_same_tests(name):
    try:
        suite_on(Sound, name)
    except pytest.skip.Exception:
        assert "backend" in name or "too_long" in name or "mean_of" in name or "together" in name


def test_what_the_suite_needs_is_said_where_it_is_missing():
    with pytest.raises(NotImplementedError, match="make_scorer"):
        ScorerSuite.make_scorer.__wrapped__(ScorerSuite())


def test_suites_come_from_icon_testing_and_what_it_has_not_is_an_error():
    import icon.testing

    assert {"BackendSuite", "FakeBackend", "ScorerSuite"} <= set(icon.testing.__all__)
    with pytest.raises(AttributeError, match="NoSuite"):
        _ = icon.testing.NoSuite
