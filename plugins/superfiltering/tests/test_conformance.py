"""The scorer keeps the contract of scorers."""

import pytest

from icon.testing import ScorerSuite
from icon_superfiltering.scorer import SuperfilteringScorer


class TestSuperfiltering(ScorerSuite):
    hooks = "icon_superfiltering.hooks"

    @pytest.fixture
    def make_scorer(self):
        return SuperfilteringScorer
