"""A scorer of a plugin that raises is told with its place in the plugin's file, as an error of icon."""

import pytest

from icon.errors import PluginError
from icon.pipeline.executors.bench import rows_of_part
from icon.scorers import AloneScorer
from icon.types import Message, Sample


class Broken(AloneScorer):
    def value_of(self, candidate):
        return 1 / 0


def test_what_a_scorer_of_a_plugin_raises_names_the_file_the_line_and_the_candidate():
    sample = Sample("abcd", 0, (Message("user", "q"),), "a")
    with pytest.raises(
        PluginError, match=r"scorer Broken: .*test_measure_faults\.py, line 13: ZeroDivisionError.* on candidate abcd"
    ):
        rows_of_part([sample], Broken(), [], lambda _: None)
