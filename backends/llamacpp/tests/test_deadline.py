"""A pass that is under way ends when a budget of time is over, and what follows has its right numbers."""

import time
from itertools import count
from types import SimpleNamespace

import pytest

from icon.inference.watching import OutOfTime, Watched, watching
from icon.types import Target
from icon_llamacpp import evaluator

pytestmark = pytest.mark.model
CONTEXT = "The word is hello. " + "a b c d e f g h " * 20
TARGETS = [Target("So the last word was", " hello"), Target("Name a tree:", " an oak")]


def test_a_pass_ends_between_its_layers_and_leaves_nothing_behind(load, monkeypatch):
    backend = load("f32")
    before = backend.score(CONTEXT, TARGETS)
    asked = count()
    until = time.perf_counter() + 1e6
    late = SimpleNamespace(perf_counter=lambda: 0.0 if next(asked) < 5 else until)  # up at the sixth question
    with monkeypatch.context() as patch, watching(Watched(until=until)):
        patch.setattr(evaluator, "time", late)
        with pytest.raises(OutOfTime):
            backend.score(CONTEXT, TARGETS)
    assert next(asked) >= 6
    assert backend.score(CONTEXT, TARGETS) == before


def test_with_time_left_the_numbers_are_the_same(load):
    backend = load("f32")
    before = backend.score(CONTEXT, TARGETS)
    with watching(Watched(until=time.perf_counter() + 1e6)):
        assert backend.score(CONTEXT, TARGETS) == before
