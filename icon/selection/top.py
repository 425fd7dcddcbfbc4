"""Selector `top`: keeps the candidates with the highest scores."""

from __future__ import annotations

from icon.plugins import Options, SelectionTask
from icon.types import Selection


class TopOptions(Options):
    """`top` has no options."""


class TopSelector:
    """Ranks the scored candidates by (score, highest first; id) and keeps the first ones.

    A share is one of all candidates, scored or not: 15% of a pool of 52,000 are 7,800. Halves are rounded up. What
    exceeds the scored candidates keeps them all and warns. It works on columns, so neither texts nor records of the
    pool are in memory.
    """

    needs_backend = False
    by_score = True
    fewest_scored = 1

    def __init__(self, options: TopOptions) -> None:
        self.options = options

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
        """
        from icon.selection._best import select_best  # it loads numpy

        return select_best(task)
