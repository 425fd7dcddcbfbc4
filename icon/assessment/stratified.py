"""Builder `stratified`: a part of the pool itself, held out in proportion to its groups or sources."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.assessment.draw import holdout_size, stratified_draw
from icon.plugins import AssessmentTask, Options
from icon.types import Sample


class StratifiedOptions(Options):
    """Options of `stratified`."""

    by: Literal["group", "source"] = Field("group", description="Field of the strata: the task group or the source.")


class StratifiedBuilder:
    """Holds out 128 samples, or a tenth of a smaller pool, or as many as asked for, by largest remainder.

    A pool without groups is one stratum, and the draw a plain random one.
    """

    held_out = True

    def __init__(self, options: StratifiedOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """Samples of the pool, interleaved over the strata.

        Raises:
            ConfigError: The size would leave no candidate.
        """
        size = holdout_size(task.size, len(task.pool))
        return stratified_draw(task.pool, size, task.seed, self._stratum)

    def _stratum(self, sample: Sample) -> str:
        return (sample.group if self.options.by == "group" else sample.source) or ""
