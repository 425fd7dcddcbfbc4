"""The short measurement of speed, on a clock and a model written by hand: a token is a character."""

import itertools
from itertools import pairwise
from types import SimpleNamespace

import pytest

from icon.errors import BackendError, TemplateError
from icon.pipeline._speed import measure_alone, measure_speed
from icon.plugins import ScoringTask
from icon.samples.templates._text_templates import PlainTemplate
from icon.scorers.cost import Costs
from icon.types import Message, Sample, Status, TokenLogProbs

RATE = 0.001
"""Seconds a token of the model below; so 1,000 tokens a second is the truth."""


class Picky(PlainTemplate):
    """Cannot render prompts that say so."""

    def prompt(self, sample):
        if "broken" in sample.prompt_text:
            raise TemplateError("broken")
        return super().prompt(sample)


class Timed:
    """A model that takes `rate` seconds for each token that it reads, and `cold` more for the first call."""

    def __init__(self, clock, rate=RATE, cold=0.0, fails=lambda context, target: False):
        self.clock, self.rate, self.cold, self.fails = clock, rate, cold, fails
        self.sizes, self.contexts, self.seen = [], [], []

    def tokenize(self, text):
        return [ord(each) for each in text]

    def score(self, context, targets):
        self.sizes.append(len(targets))
        self.contexts.append(context)
        self.seen += [each.prompt for each in targets]
        read = [each for each in targets if not self.fails(context, each)]  # what is too long is not read at all
        own = len(context) if read else 0
        self.clock.now += (
            self.rate * (own + sum(len(each.prompt) + len(each.response) - 1 for each in read)) + self.cold
        )
        self.cold = 0.0
        bad = TokenLogProbs((), (), Status.TOO_LONG, "no room for it")
        return [TokenLogProbs((1,), (-1.0,)) if each in read else bad for each in targets]


def sample(name, length=20):
    """Its first letter is its own, so that no two samples have anything in common."""
    return Sample(name, 0, (Message("user", name),), "r" * length)


def named(start, count):
    return [sample(chr(ord(start) + i)) for i in range(count)]


def measure(candidates, samples, most=64, seconds=10.0, truncate=True, limit=100, alone=False, **model):
    clock = SimpleNamespace(now=50.0)
    backend = Timed(clock, **model)
    task = ScoringTask(backend, Picky(), samples, 1, 100, limit, 100, truncate)
    costs = Costs(task)
    if alone:
        return measure_alone(task, costs, candidates, clock=lambda: clock.now), backend
    found = measure_speed(task, costs, candidates, most, seconds=seconds, clock=lambda: clock.now)
    return found, SimpleNamespace(calls=backend, took=clock.now - 50.0, **vars(backend))


@pytest.mark.parametrize("cold", [0.0, 2.0])
def test_the_rate_is_the_models_own_and_the_cold_call_is_no_part_of_it(cold):
    found, _ = measure(named("A", 30), named("Ā", 64), cold=cold)
    assert found.tokens_per_second == pytest.approx(1 / RATE, rel=0.01)
    assert found.tokens > 1000


def test_targets_behind_a_candidate_double_while_calls_are_short():
    """A call of k targets takes 0.025 + 0.021 k seconds; a fourth of 4 seconds is reached by 32 of them."""
    _, seen = measure(named("A", 30), named("Ā", 64), seconds=4.0)
    assert seen.sizes[:6] == [1, 2, 4, 8, 16, 32]
    assert set(seen.sizes[6:]) == {32}  # 0.697 s, more than an eighth of 4 s


@pytest.mark.parametrize(("most", "samples", "top"), [(5, 64, 5), (64, 6, 6), (1, 64, 1)])
def test_there_are_never_more_targets_than_the_run_has_at_once(most, samples, top):
    _, seen = measure(named("A", 30), named("Ā", samples), most=most)
    assert max(seen.sizes) == top
    assert all(one <= other <= 2 * one for one, other in pairwise(seen.sizes))


def test_it_ends_near_the_seconds_asked_for():
    """One call more at most, and the largest is no longer than about a fourth of it all."""
    for seconds in (1.0, 4.0, 20.0):
        _, seen = measure(named("A", 30), named("Ā", 64), seconds=seconds)
        assert seconds <= seen.took <= 1.3 * seconds


def test_a_very_slow_model_is_measured_by_its_one_call():
    found, seen = measure(named("A", 30), named("Ā", 64), rate=1.0)
    assert seen.sizes == [1]
    assert found.tokens_per_second == pytest.approx(1.0, rel=0.01)


def test_few_candidates_are_used_again():
    _, seen = measure(named("A", 3), named("Ā", 4))
    assert len(seen.contexts) > 6
    assert seen.contexts == [context for context, _ in zip(itertools.cycle(seen.contexts[:3]), seen.contexts)]
    assert len(set(seen.contexts[:3])) == 3


def test_what_cannot_be_rendered_is_passed_over():
    broken, long = sample("broken"), sample("Z", 300)
    _, seen = measure([broken, *named("A", 3)], [broken, *named("Ā", 3)])
    assert {context[0] for context in seen.contexts} == {"A", "B", "C"}
    assert {prompt[0] for prompt in seen.seen} == {"Ā", "ā", "Ă"}
    _, seen = measure([long, *named("A", 3)], [long, *named("Ā", 3)], truncate=False)
    assert not {"Z"} & {text[0] for text in (*seen.contexts, *seen.seen)}


@pytest.mark.parametrize("candidates", [[], [sample("broken")], named("A", 3)])
def test_where_nothing_can_be_rendered_it_says_so(candidates):
    with pytest.raises(BackendError, match="no pair of this run can be rendered"):
        measure(candidates, [sample("broken")])


def test_where_every_pair_fails_it_names_the_reason():
    with pytest.raises(BackendError, match="no room for it"):
        measure(named("A", 3), named("Ā", 3), fails=lambda context, target: True)


@pytest.mark.parametrize("bad", ["A", "Ā"])
def test_a_first_pair_that_fails_is_no_reason_to_give_up(bad):
    """One candidate, or one assessment sample, that the model cannot score leaves the others to measure."""
    found, seen = measure(
        named("A", 5), named("Ā", 8), fails=lambda context, target: bad in (context[0], target.prompt[0])
    )
    assert found.tokens_per_second == pytest.approx(1 / RATE, rel=0.01)
    assert len(seen.sizes) > 3


def test_responses_behind_their_own_prompts_have_a_speed_of_their_own():
    found, backend = measure([sample("broken"), *named("A", 30)], [], alone=True, cold=3.0)
    assert found.tokens_per_second == pytest.approx(1 / RATE, rel=0.01)
    assert set(backend.contexts) == {""}
    with pytest.raises(BackendError, match="no candidate of this run can be rendered"):
        measure([sample("broken")], [], alone=True)


def test_responses_are_measured_wherever_the_first_readable_one_stands():
    found, _ = measure([*[sample("broken")] * 20, *named("A", 3)], [], alone=True)
    assert found.tokens_per_second == pytest.approx(1 / RATE, rel=0.01)
