"""What the tests of stage 3 share: a pool with a rule hidden in it, and selectors by name."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from icon.pipeline.builtin import selector_strategies
from icon.plugins import SelectionTask
from icon.samples import content_id
from icon.types import Keep, Message, Sample, Selection

NOUNS = "river table engine garden letter window market winter teacher bridge colour harbour bottle lamp"
VERBS = "carries follows paints measures answers repairs watches remembers borrows lifts"


@dataclass(frozen=True)
class Planted:
    """Samples, their scores, and the ids of those that follow the rule: the response gives a reason."""

    samples: list[Sample]
    scores: dict[str, float]
    good: set[str]


def _sample(generator: random.Random, row: int, good: bool) -> Sample:
    def sentence() -> str:
        subject, thing = generator.choices(NOUNS.split(), k=2)
        return f"the {subject} {generator.choice(VERBS.split())} the {thing}"

    messages = (Message("user", f"Write of {generator.choice(NOUNS.split())} {row}."),)
    response = f"{sentence()} {'because' if good else 'and then'} {sentence()}"
    return Sample(content_id(messages, "", response), row, messages, response)


@pytest.fixture(scope="session")
def planted() -> Planted:
    """400 samples, a fifth of them good; scores are noisy, but good ones stand above all others."""
    generator = random.Random(11)
    flags = [row % 5 == 0 for row in range(400)]
    samples = [_sample(generator, row, good) for row, good in enumerate(flags)]
    scores = {each.id: generator.random() + good for each, good in zip(samples, flags, strict=True)}
    return Planted(samples, scores, {each.id for each, good in zip(samples, flags, strict=True) if good})


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few hashed features instead of half a million, where a test is not about what the classifier can learn."""
    from sklearn.base import clone

    from icon.selection import features

    few = tuple(clone(vectorizer).set_params(n_features=2**10) for vectorizer in features._VECTORIZERS)
    monkeypatch.setattr(features, "_VECTORIZERS", few)


@pytest.fixture(scope="session")
def select() -> Callable[..., Selection]:
    """Select by the name of the selector: candidates, scores, how much to keep."""
    strategies = {strategy.name: strategy for strategy in selector_strategies()}

    def selected(name, samples, scores, *, share=None, count=None, seed=42, backend=None, **options):
        task = SelectionTask(samples, scores, Keep(share, count), seed, backend)
        return strategies[name].make(options).select(task)

    return selected
