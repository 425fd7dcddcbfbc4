"""The built-in selectors keep the contract."""

import pytest

from icon.pipeline.builtin import selector_strategies
from icon.plugins import Narrowed, SelectionTask
from icon.testing import SelectorSuite
from icon.types import Keep
from support.tiers import of_tier

STRATEGIES = {strategy.name: strategy for strategy in selector_strategies()}


class TestTop(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return lambda: STRATEGIES["top"].make({})


class TestDropWorst(SelectorSuite):
    @pytest.fixture(params=[0.1, 0.3, 0.9])
    def make_selector(self, request):
        return lambda: STRATEGIES["drop-worst"].make({"drop": request.param})


class TestClassifier(SelectorSuite):
    # The contract asks nothing of the width of the features, at which a selection takes half a second.
    pytestmark = of_tier([pytest.mark.usefixtures("narrow")], [])

    @pytest.fixture
    def make_selector(self):
        return lambda: STRATEGIES["classifier"].make({})


class TestClassifierOnEmbeddings(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return lambda: STRATEGIES["classifier"].make({"features": "embedding"})


class TestCascade(SelectorSuite):
    @pytest.fixture
    def make_selector(self):
        return lambda: STRATEGIES["cascade"].make({})


class TestCascadeWithCheapScores(SelectorSuite):
    """With cheap scores of every candidate, which rank those that the run's own scorer did not measure."""

    @pytest.fixture
    def make_selector(self):
        return lambda: STRATEGIES["cascade"].make({"prefer": "low"})

    @pytest.fixture
    def narrowed(self, candidates):
        cheap = {sample.id: float(len(sample.response)) for sample in candidates}
        drawn = [sample.id for sample in candidates if sample.row % 3 == 1]
        return Narrowed("icon", "length", cheap, [sample.id for sample in candidates if sample.row % 3 == 2], drawn)

    @pytest.fixture
    def select(self, make_selector, candidates, scores, narrowed):
        def selected(**given):
            task = {"candidates": candidates, "scores": scores, "keep": Keep(share=0.2), "seed": 7, "backend": None}
            return make_selector().select(SelectionTask(**{**task, "narrowed": narrowed, **given}))

        return selected
