"""A look at the race: which candidates are decided, what the present choice captures, and what would help most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from icon.scorers.racing._capture import expected_capture, expected_on_new
from icon.scorers.racing._estimates import Estimates, estimate

FloatArray = NDArray[np.float64]

BoolArray = NDArray[np.bool_]

LIKELY = 0.72
"""Probability of being on its side of the cut at which a candidate rests: to measure it would hardly change the choice.
Found on the judging matrix: at 0.9 a race measures half as many pairs again and captures about the same."""

IN_ERRORS = NormalDist().inv_cdf(LIKELY)
"""The same as a distance from the cut, in standard deviations of what is not known of the score."""


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a race after a slice; arrays of shape (candidates,).

    Attributes:
        estimates: Scores and intervals.
        chosen: The candidates with the highest expected scores, as many as are kept.
        accepted: Candidates whose interval is above the cut: at the stated confidence they can no longer leave.
        rejected: Candidates whose interval is below the cut: they can no longer enter.
        capture: Expected captured gain of the choice, by one of the two definitions of `_capture.py`.
        distance: Distance of each score from the cut, in standard deviations of what is not known of it; infinite where
            all is measured, 0 where too little is.
    """

    estimates: Estimates
    chosen: BoolArray
    accepted: BoolArray
    rejected: BoolArray
    capture: float
    distance: FloatArray

    @property
    def undecided(self) -> BoolArray:
        """The candidates within the margin of the cut."""
        return np.asarray(~(self.accepted | self.rejected))

    @property
    def unsettled(self) -> BoolArray:
        """The candidates that are on their side of the cut with less than `LIKELY`; never fewer than half of the kept.

        So a race that is not done always has candidates to go on with: those nearest to the cut.
        """
        near = self.distance < IN_ERRORS
        fewest = min(max(2, round(int(self.chosen.sum()) / 2)), int(np.isfinite(self.distance).sum()))
        if near.sum() < fewest:
            near[np.argsort(self.distance, kind="stable")[:fewest]] = True
        return np.asarray(near)


def look(
    c: FloatArray,
    n: int,
    keep: int,
    *,
    alpha: float,
    seed: int,
    on_new: bool = False,
    by_id: NDArray[np.int64] | None = None,
) -> Look:
    """Estimate the scores from what is measured so far, and decide which candidates are accepted and rejected.

    Args:
        c: Task contributions of shape (candidates, tasks), NaN where not measured.
        n: Size of the whole assessment set.
        keep: How many candidates are kept.
        alpha: One minus the confidence at which a candidate counts as decided.
        seed: Seed of the draws for the expected capture.
        on_new: Whether the expected capture is that on samples beyond the assessment set, not on the set itself.
        by_id: Place of each candidate in the order of the ids, which decides between equal scores as it does in the
            selection, shape (candidates,); None for the order of the rows.
    """
    estimates = estimate(c, n, alpha=alpha)
    order = np.lexsort((np.arange(len(c)) if by_id is None else by_id, -estimates.score))
    chosen = np.zeros(len(c), dtype=bool)
    chosen[order[:keep]] = True
    if keep >= len(c):
        return Look(estimates, chosen, chosen, ~chosen, 1.0, np.full(len(c), np.inf))
    cut = (estimates.score[order[keep - 1]] + estimates.score[order[keep]]) / 2
    complete = estimates.margin == 0
    accepted = np.where(complete, chosen, estimates.centre - estimates.margin > cut)
    rejected = np.where(complete, ~chosen, estimates.centre + estimates.margin < cut)
    capture = (expected_on_new if on_new else expected_capture)(estimates, chosen, seed)
    return Look(estimates, chosen, accepted, rejected, capture, _distance(estimates, cut))


def _distance(estimates: Estimates, cut: float) -> FloatArray:
    """Distance of each score from the cut in its own errors."""
    error = estimates.error
    usable = np.isfinite(error) & (error > 0)
    apart = np.abs(estimates.score - cut) / np.where(usable, error, 1.0)
    return np.asarray(np.where(usable, apart, np.where(error > 0, 0.0, np.inf)))


@dataclass(frozen=True, slots=True)
class Advice:
    """The gain from twice the assessment samples or twice the candidates.

    Attributes:
        gain: Factor on the expected gain among the scored candidates, with twice the samples per candidate.
        learnt_from_samples: Factor on what a classifier can learn from, with twice the samples; None where every
            candidate is scored and nothing is left to predict.
        learnt_from_candidates: The same with twice the candidates, or with all where that is fewer.
    """

    gain: float
    learnt_from_samples: float | None
    learnt_from_candidates: float | None


def advise(signal: float, samples: float, scored: int, candidates: int) -> Advice:
    """Compare more samples with more candidates, by the reliability t v / (1 + t v) of a score on such tasks.

    The expected gain of choosing the best of some candidates goes with the square root of the reliability. What a
    classifier can learn goes with how many scores it sees, each counted by its reliability.

    Args:
        signal: v, the variance of the candidates' effects over that of a single measurement.
        samples: t, assessment samples per candidate, on average.
        scored: How many candidates are scored.
        candidates: How many the pool has.
    """
    better = _reliability(signal, 2 * samples) / _reliability(signal, samples)
    if scored >= candidates:
        return Advice(math.sqrt(better), None, None)
    return Advice(math.sqrt(better), better, min(2.0, candidates / scored))


def _reliability(signal: float, samples: float) -> float:
    return samples * signal / (1 + samples * signal)
