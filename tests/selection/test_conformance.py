"""The built-in selectors keep the contract."""

import pytest

from icon.pipeline.builtin import selector_strategies
from icon.testing import SelectorSuite
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
