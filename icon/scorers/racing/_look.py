"""A look at the race: which candidates are decided, what the present choice captures, and what would help most."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.scorers.racing._estimates import Estimates, estimate

FloatArray = NDArray[np.float64]

BoolArray = NDArray[np.bool_]

DRAWS, MOST_VALUES = 400, 4_000_000
"""Draws of the scores for the expected capture, and the limit of drawn values: fewer draws for many candidates."""


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a race after a slice; arrays of shape (candidates,).

    Attributes:
        estimates: Scores and intervals.
        chosen: The candidates with the highest expected scores, as many as are kept.
        accepted: Candidates whose interval is above the cut: at the stated confidence they can no longer leave.
        rejected: Candidates whose interval is below the cut: they can no longer enter.
        capture: Expected captured gain of the choice: (mean of the chosen - mean of all) / (mean of the best - mean of
            all), over the whole assessment set.
    """

    estimates: Estimates
    chosen: BoolArray
    accepted: BoolArray
    rejected: BoolArray
    capture: float

    @property
    def undecided(self) -> BoolArray:
        """The candidates within the margin of the cut."""
        return np.asarray(~(self.accepted | self.rejected))


def look(c: FloatArray, n: int, keep: int, *, alpha: float, seed: int) -> Look:
    """Estimate the scores from what is measured so far, and decide which candidates are accepted and rejected.

    Args:
        c: Task contributions of shape (candidates, tasks), NaN where not measured.
        n: Size of the whole assessment set.
        keep: How many candidates are kept.
        alpha: One minus the confidence at which a candidate counts as decided.
        seed: Seed of the draws for the expected capture.
    """
    estimates = estimate(c, n, alpha=alpha)
    order = np.argsort(-estimates.score, kind="stable")
    chosen = np.zeros(len(c), dtype=bool)
    chosen[order[:keep]] = True
    if keep >= len(c):
        return Look(estimates, chosen, chosen, ~chosen, 1.0)
    cut = (estimates.score[order[keep - 1]] + estimates.score[order[keep]]) / 2
    complete = estimates.margin == 0
    accepted = np.where(complete, chosen, estimates.centre - estimates.margin > cut)
    rejected = np.where(complete, ~chosen, estimates.centre + estimates.margin < cut)
    return Look(estimates, chosen, accepted, rejected, expected_capture(estimates, chosen, seed))


def expected_capture(estimates: Estimates, chosen: BoolArray, seed: int) -> float:
    """Expected captured gain of a choice, from draws of the possible scores; 0 where nothing is measured.

    Args:
        estimates: The estimates; a true score is drawn from a normal distribution around `score`.
        chosen: The choice.
        seed: Seed of the draws.
    """
    if not np.isfinite(estimates.error).all():
        return 0.0
    if not estimates.error.any():
        return 1.0
    draws = max(20, min(DRAWS, MOST_VALUES // len(estimates.score)))
    noise = np.random.default_rng(seed).standard_normal((draws, len(estimates.score)))
    drawn = estimates.score + estimates.error * noise
    keep = int(chosen.sum())
    best = -np.partition(-drawn, keep - 1, axis=1)[:, :keep].mean(axis=1) - drawn.mean(axis=1)
    gained = drawn[:, chosen].mean(axis=1) - drawn.mean(axis=1)
    return float(np.clip(gained.mean() / best.mean(), 0.0, 1.0)) if best.mean() > 0 else 1.0


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
