"""Margins against the cut: how far a candidate is from the last one kept, on the samples that both were measured on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
"""Confidence of an interval of a margin."""


@dataclass(frozen=True, slots=True)
class Margin:
    """A candidate's margin.

    Attributes:
        value: Difference of its score to that of the last candidate kept.
        error: Paired standard error of the difference; None with a single shared sample.
        n: Number of shared assessment samples.
    """

    value: float
    error: float | None
    n: int

    @property
    def reach(self) -> float | None:
        """Half the interval: Student's t with n - 1 degrees of freedom times the error; None without an error."""
        from scipy.special import stdtrit

        if self.error is None:
            return None
        return float(stdtrit(self.n - 1, (1 + CONFIDENCE) / 2)) * self.error

    @property
    def side(self) -> int:
        """1 where the interval lies above 0, -1 where it lies below, 0 where chance can make the difference."""
        reach = self.reach
        if reach is None or abs(self.value) <= reach:
            return 0
        return 1 if self.value > 0 else -1


def margin(own: Mapping[str, float], last: Mapping[str, float], adjusted: float = 0.0) -> Margin | None:
    """The margin of a candidate j against the last one kept, l; None where they share no assessment sample.

    With d_i = c_ij - c_il over the n shared samples i the margin is mean(d) + `adjusted`, and its standard error
    std(d) / sqrt(n). What a sample does to all candidates alike is in both and cancels, so the error is that of the
    comparison and not that of the two scores by themselves.

    Args:
        own: What j was measured at, by assessment sample.
        last: The same of l.
        adjusted: What was added to j's score after measuring (equal length), less what was added to that of l.
    """
    shared = sorted(own.keys() & last.keys())
    if not shared:
        return None
    differences = np.array([own[sample] - last[sample] for sample in shared], dtype=np.float64)
    n = len(shared)
    error = float(np.std(differences, ddof=1)) / math.sqrt(n) if n > 1 else None
    return Margin(float(differences.mean()) + adjusted, error, n)
