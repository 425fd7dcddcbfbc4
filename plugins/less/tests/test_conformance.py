"""The scorer keeps the contract of scorers, on a real model: it has no gradient of another."""

import pytest

from icon.errors import InputError
from icon.testing import ScorerSuite
from icon.testing.cases import measured, recording
from icon_less.options import LessOptions
from icon_less.scorer import SCORERS
from icon_torch.backend import TorchBackend


class Struck(TorchBackend):
    """Another backend's model, of which a text with the poison cannot be tokenised."""

    def __init__(self, other, poison):
        self.__dict__.update(other.__dict__)
        self.poison = poison

    def tokenize(self, text):
        if self.poison in text:
            raise InputError("token 999 is none of the model's")
        return super().tokenize(text)


class TestLess(ScorerSuite):
    hooks = "icon_less.hooks"
    tolerance = 1e-6

    @pytest.fixture(params=["mean", "round-robin"])
    def make_scorer(self, request):
        return lambda: SCORERS[request.param](LessOptions(rank=4, projection=256, combine=request.param))

    @pytest.fixture
    def backend(self, tiny):
        return tiny

    @pytest.fixture
    def plain_backend(self, tiny):
        return tiny

    @pytest.fixture
    def faulty_backend(self, tiny):
        return Struck(tiny, self.poison)

    def test_uses_the_backend_that_it_says_it_needs(self, make_scorer, task, monkeypatch):
        calls = []
        model = task.backend.model
        monkeypatch.setattr(model, "forward", recording(calls, "forward", model.forward))
        measured(make_scorer(), task)
        assert calls
