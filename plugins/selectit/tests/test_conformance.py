"""The scorer keeps the contract of scorers."""

import pytest

from icon.testing import ScorerSuite
from icon_selectit.options import SelectitOptions
from icon_selectit.scorer import SelectitScorer


class TestSelectit(ScorerSuite):
    hooks = "icon_selectit.hooks"

    @pytest.fixture
    def make_scorer(self):
        return lambda: SelectitScorer(SelectitOptions())
