"""The built-in scorers keep the contract of scorers."""

import pytest

from icon.plugins import Options
from icon.scorers import IconOptions, IconScorer, LengthOptions, LengthScorer, PplOptions, PplScorer, RandomScorer
from icon.testing import ScorerSuite


class BuiltIn(ScorerSuite):
    hooks = "icon.pipeline.builtin"


class TestIcon(BuiltIn):
    @pytest.fixture(params=["random", "paired", "none"])
    def make_scorer(self, request):
        return lambda: IconScorer(IconOptions(control=request.param))


class TestIconByTrimmedMean(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: IconScorer(IconOptions(rank_by="trimmed-mean"))


class TestIconByLogGain(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: IconScorer(IconOptions(rank_by="log-gain"))


class TestRandom(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: RandomScorer(Options())


class TestLength(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: LengthScorer(LengthOptions())


class TestPpl(BuiltIn):
    @pytest.fixture(params=["low", "high"])
    def make_scorer(self, request):
        return lambda: PplScorer(PplOptions(prefer=request.param))
