"""The built-in scorers keep the contract of scorers."""

from dataclasses import replace

import pytest

from icon.plugins import Options
from icon.scorers import (
    IconOptions,
    IconScorer,
    LengthOptions,
    LengthScorer,
    NuggetsScorer,
    PplOptions,
    PplScorer,
    RandomScorer,
)
from icon.scorers.options import ReverseOptions
from icon.scorers.reverse import ReverseScorer
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


class TestNuggets(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: NuggetsScorer(Options())


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


class TestReverse(BuiltIn):
    @pytest.fixture(params=["ratio", "gain"])
    def make_scorer(self, request):
        return lambda: ReverseScorer(ReverseOptions(measure=request.param))


class TestReverseWithCompanions(BuiltIn):
    @pytest.fixture
    def make_scorer(self):
        return lambda: ReverseScorer(ReverseOptions(shots=2))

    @pytest.fixture
    def task(self, make_scorer, backend, assessment):
        made = ScorerSuite.task.__wrapped__(self, make_scorer, backend, assessment)
        return replace(made, whole=made.assessment)
