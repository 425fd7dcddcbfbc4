"""A target scores the same whatever stands beside it: many packs, few packs, chunks, shared headings."""

import random

import numpy as np
import pytest

from icon.types import Status, Target

pytestmark = pytest.mark.model
CONTEXT = "### Instruction:\nName a tree.\n\n### Response:The beech.\n\n\n"


def numbers(results):
    assert {each.status for each in results} == {Status.OK}
    return np.concatenate([each.logprobs for each in results])


@pytest.fixture(scope="module")
def targets(demo_pairs):
    return list(dict.fromkeys(target for _, some in demo_pairs for target in some))[:20]


def test_one_call_equals_many(load, targets):
    together = numbers(load("f32").score(CONTEXT, targets))
    halves = [load("f32").score(CONTEXT, part) for part in (targets[:6], targets[6:])]
    assert together == pytest.approx(numbers([*halves[0], *halves[1]]), abs=1e-4)


def test_any_order_gives_the_very_same_numbers(load, targets):
    shuffled = random.Random(1).sample(targets, len(targets))
    given = dict(zip(targets, load("f32").score(CONTEXT, targets), strict=True))
    again = dict(zip(shuffled, load("f32").score(CONTEXT, shuffled), strict=True))
    assert given == again


def test_a_context_longer_than_a_batch_counts_in_full(load):
    backend, target = load("f32"), Target("So the last word was", " hello")
    filler = "a b c d e f g h " * 70
    assert len(backend.tokenize(filler)) > 512
    split = backend.score("The word is hello. " + filler, [target])[0]
    other = backend.score("The word is goodbye. " + filler, [target])[0]
    assert abs(split.nll - other.nll) > 1e-3


def test_shared_headings_are_read_once(load):
    backend = load("f32")
    heading = "You answer questions about trees, briefly and politely.\n\n"
    targets = [Target(f"{heading}{name}:", " a tree") for name in ("Oak", "Elm", "Ash")]
    before = backend.tokens_evaluated
    backend.score(CONTEXT, targets)
    read = backend.tokens_evaluated - before
    alone = [len(backend.tokenize(each.prompt + each.response)) for each in targets]
    assert read < len(backend.tokenize(CONTEXT)) + sum(alone) - len(backend.tokenize(heading))


@pytest.mark.parametrize("precision", ["f32", "f16"])
def test_a_beginning_is_read_once_and_is_itself_again_after_anything_else(load, targets, precision):
    backend, beginning = load(precision), "You answer questions about trees, briefly and politely.\n\n"
    one, other = f"{beginning}An oak is a tree.\n\n", f"{beginning}{CONTEXT}"

    def spent(beginning, context):
        before = backend.tokens_evaluated
        return backend.score_from(beginning, context, targets), backend.tokens_evaluated - before

    (first, read), (_, next_read) = spent(beginning, one), spent(beginning, other)
    again, fewer = spent(beginning, one)
    assert again == first
    assert read - fewer == len(backend.tokenize(beginning))
    backend.score(CONTEXT, targets)
    assert spent(beginning, other)[1] - next_read == read - fewer
    backend.embed(["A text."])
    assert spent(beginning, one) == (first, read)
    assert spent("You answer", one)[1] == read  # too short to be worth a pass of its own
    assert spent("Another beginning than the context's.", one)[1] == read


def test_more_targets_than_sequences_are_all_scored(load):
    targets = [Target("Count:", f" {number}") for number in range(140)]
    results = load("f16").score(CONTEXT, targets)
    assert [each.token_ids for each in results] == [tuple(load("f16").tokenize(each.response)) for each in targets]
    numbers(results)
