"""The scorer keeps the contract of scorers, on a real model: it has no gradient of another."""

import pytest

from icon.errors import InputError
from icon.testing import ScorerSuite
from icon.testing.cases import measured, recording
from icon.testing.scorer_suite import POISON
from icon_less.options import LessOptions
from icon_less.scorer import LessScorer
from icon_torch.backend import TorchBackend


class Struck(TorchBackend):
    """Another backend's model, of which a text with the poison cannot be tokenised."""

    def __init__(self, other):
        self.__dict__.update(other.__dict__)

    def tokenize(self, text):
        if POISON in text:
            raise InputError("token 999 is none of the model's")
        return super().tokenize(text)


class TestLess(ScorerSuite):
    hooks = "icon_less.hooks"
    tolerance = 1e-6

    @pytest.fixture
    def make_scorer(self):
        return lambda: LessScorer(LessOptions(rank=4, projection=256))

    @pytest.fixture
    def backend(self, tiny):
        return tiny

    @pytest.fixture
    def plain_backend(self, tiny):
        return tiny

    @pytest.fixture
    def faulty_backend(self, tiny):
        return Struck(tiny)

    def test_uses_the_backend_that_it_says_it_needs(self, make_scorer, task, monkeypatch):
        calls = []
        model = task.backend.model
        monkeypatch.setattr(model, "forward", recording(calls, "forward", model.forward))
        measured(make_scorer(), task)
        assert calls
