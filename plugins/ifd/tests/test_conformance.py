"""The scorer keeps the contract of scorers."""

import pytest

from icon.testing import ScorerSuite
from icon_ifd.scorer import IfdScorer


class TestIfd(ScorerSuite):
    hooks = "icon_ifd.hooks"

    @pytest.fixture
    def make_scorer(self):
        return IfdScorer
