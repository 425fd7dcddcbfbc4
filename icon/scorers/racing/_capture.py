"""What a choice is expected to capture of the exact choice's gain, from draws of what the scores may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from icon.scorers.racing._estimates import Estimates

FloatArray = NDArray[np.float64]

BoolArray = NDArray[np.bool_]

DRAWS, MOST_VALUES = 400, 4_000_000
"""Draws of the scores for the expected capture, and the limit of drawn values: fewer draws for many candidates."""


def expected_capture(estimates: Estimates, chosen: BoolArray, seed: int) -> float:
    """Expected captured gain of a choice on the assessment set itself; 0 where nothing is measured.

    (mean of the chosen - mean of all) / (mean of the best - mean of all), each a mean over draws of the scores. What is
    special to a candidate on a sample counts as gain here, although it says nothing of other samples.

    Args:
        estimates: The estimates; a true score is drawn from a normal distribution around `score`.
        chosen: The choice.
        seed: Seed of the draws.
    """
    if (known := _known(estimates)) is not None:
        return known
    drawn = estimates.score + estimates.error * _noise(estimates, seed)
    keep = int(chosen.sum())
    best = -np.partition(-drawn, keep - 1, axis=1)[:, :keep].mean(axis=1)
    return _ratio(drawn, chosen, best)


def expected_on_new(estimates: Estimates, chosen: BoolArray, seed: int) -> float:
    """Expected captured gain of a choice on samples that no choice saw; 0 where nothing is measured.

    (mean a of the chosen - mean of all) / (mean a of the exact choice - mean of all), with a_j the candidates' effects,
    which carry over to other samples. In each draw the exact choice are those with the highest plain mean over the
    assessment set, in which a few samples of large scale may weigh most.

    Args:
        estimates: The estimates; a_j is drawn from its normal distribution given what is measured of it.
        chosen: The choice.
        seed: Seed of the draws.
    """
    if (known := _known(estimates)) is not None:
        return known
    effects = estimates.effect + estimates.doubt * _noise(estimates, seed)
    exact = estimates.known + estimates.weight * effects + estimates.special * _noise(estimates, seed + 1)
    keep = int(chosen.sum())
    places = np.argpartition(-exact, keep - 1, axis=1)[:, :keep]
    return _ratio(effects, chosen, np.take_along_axis(effects, places, axis=1).mean(axis=1))


def _known(estimates: Estimates) -> float | None:
    """The capture where no draw is needed: nothing is measured, or all is."""
    if not np.isfinite(estimates.error).all():
        return 0.0
    return None if estimates.error.any() else 1.0


def _noise(estimates: Estimates, seed: int) -> FloatArray:
    """Standard normal draws of shape (draws, candidates)."""
    candidates = len(estimates.score)
    draws = max(20, min(DRAWS, MOST_VALUES // candidates))
    return np.random.default_rng(seed).standard_normal((draws, candidates))


def _ratio(drawn: FloatArray, chosen: BoolArray, best: FloatArray) -> float:
    """Mean gain of the choice over the mean gain of the best, both over the mean of all candidates."""
    everyone = drawn.mean(axis=1)
    gained, possible = (drawn[:, chosen].mean(axis=1) - everyone).mean(), (best - everyone).mean()
    return float(np.clip(gained / possible, 0.0, 1.0)) if possible > 0 else 1.0
