"""Scorer `nuggets`: the share of assessment samples that a candidate improves as the one demonstration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.plugins import Contexts, Options, ScoringTask
from icon.scorers.icon import IconScorer
from icon.scorers.options import IconOptions
from icon.types import Measurement, Sample, Status

FloatArray = NDArray[np.float64]


class NuggetsScorer:
    """Golden score = mean over the assessment set of 1 where log p(S_i given T_j) > log p(S_i), else 0.

    Both are means over the response's tokens. The passes, one-shot and zero-shot, are those of `icon` without a
    control, so each of the two scorers in a run reuses what the other has measured. Source: "One-Shot Learning as
    Instruction Data Prospector for Large Language Models" (arXiv 2312.10302), section 3.

    Args:
        options: It has none.
    """

    needs_backend = True
    shares_passes = True
    needs_assessment = True
    mean_of_column = True
    column: Literal["value"] = "value"

    def __init__(self, options: Options) -> None:
        self.options = options
        self._passes = IconScorer(IconOptions(control="none"))

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Make the zero-shot passes, NLL(S_i).

        Raises:
            InputError: Assessment samples cannot be scored; the message lists all of them.
        """
        return self._passes.prepare(task, finished)

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """1 or 0 for each candidate on every assessment sample; c and log-gain are relative to the zero-shot pass."""
        for rows in self._passes.measure(candidates):
            yield [_with_vote(row) for row in rows]

    def compared_with(self, task: ScoringTask, candidates: Sequence[Sample]) -> Iterator[Sequence[Contexts]]:
        """The empty context for every assessment sample: a demonstration is compared with the zero-shot pass."""
        return self._passes.compared_with(task, candidates)

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The golden score, from 0 to 1."""
        return float(np.mean(value))


def _with_vote(row: Measurement) -> Measurement:
    if row.status != Status.OK:
        return row
    assert row.log_gain is not None
    return replace(row, value=1.0 if row.log_gain > 0 else 0.0)
