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
        """Half the interval: Student's t with n - 1 degrees of freedom times the error.

        None without an error, and where all differences are the same, as of votes: nothing of their spread is known.
        """
        return self._reach(1 - CONFIDENCE) if self.error else None

    def side(self, comparisons: int = 1) -> int:
        """1 where the candidate is better by more than chance, -1 where it is worse, 0 where chance can make it.

        Where all differences are the same, as votes of 0 or 1 may be, their error is 0, and a sign test decides.

        Args:
            comparisons: How many comparisons the difference could have been picked from: Bonferroni's rule divides the
                chance of a false finding by it.
        """
        chance = (1 - CONFIDENCE) / comparisons
        reach = self._reach(chance)
        if reach is None or abs(self.value) <= reach:
            return 0
        if self.error == 0 and 2 * 0.5**self.n > chance:  # all differences are the same: a sign test of n
            return 0
        return 1 if self.value > 0 else -1

    def _reach(self, chance: float) -> float | None:
        from scipy.special import stdtrit

        return None if self.error is None else -float(stdtrit(self.n - 1, chance / 2)) * self.error


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
