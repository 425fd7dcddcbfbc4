"""The scorer keeps the contract of scorers."""

import pytest

from icon.testing import ScorerSuite
from icon_rds.options import RdsOptions
from icon_rds.scorer import RdsScorer


class TestRds(ScorerSuite):
    hooks = "icon_rds.hooks"

    @pytest.fixture
    def make_scorer(self):
        return lambda: RdsScorer(RdsOptions())
