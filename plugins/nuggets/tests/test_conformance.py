"""The scorer keeps the contract of scorers."""

import pytest

from icon.testing import ScorerSuite
from icon_nuggets.scorer import NuggetsScorer


class TestNuggets(ScorerSuite):
    hooks = "icon_nuggets.hooks"

    @pytest.fixture
    def make_scorer(self):
        return NuggetsScorer
