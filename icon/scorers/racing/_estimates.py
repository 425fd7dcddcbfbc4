"""Scores over the whole assessment set, estimated from a part, with intervals that hold however often one looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

TIGHTEST = 24.0
"""The number of assessment samples at which the intervals are tightest: about where races are decided."""

ROUNDS, CLOSE = 100, 1e-6
"""Maximum number of rounds of the alternating fit, and the change of a candidate's effect below which it ends."""

PRIOR = 3.0
"""Weight of the median scale, in measurements, in the estimate of the scale of one assessment sample."""

OWN_PRIOR = 8.0
"""Weight of the common variance of e_ij, in measurements, in the estimate of that of one candidate."""

SMALLEST_VARIANCE = 1e-6
"""Lower bound of the signal v; at this value the candidates do not differ."""


def effective(t: FloatArray, n: int) -> FloatArray:
    """Effective sample size of t drawn from n without replacement, tau = t / (1 - t / n); infinite at t = n."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(t >= n, np.inf, t / np.maximum(1 - t / n, 1e-300)))


def mixture_factor(tau: FloatArray, alpha: float, tightest: float = TIGHTEST) -> FloatArray:
    """Half-width of the confidence sequence in standard errors: sqrt((tau r + 1) / (tau r) log((tau r + 1) / alpha^2)).

    r is the mixing variance that makes the boundary about tightest at t = `tightest` observations,
    (-2 log alpha + log(-2 log alpha + 1)) / t.

    Args:
        tau: Effective sample sizes, of any shape; infinite where nothing is left to measure.
        alpha: One minus the confidence.
        tightest: Sample size at which the boundary is tightest.
    """
    level = -2 * math.log(alpha)
    scaled = np.where(np.isfinite(tau), tau, 1.0) * (level + math.log(level + 1)) / tightest
    factor = np.sqrt((scaled + 1) / scaled * (np.log(scaled + 1) + level))
    return np.asarray(np.where(np.isfinite(tau), factor, 0.0))


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of each candidate's mean over all n assessment samples; arrays of shape (candidates,).

    Attributes:
        score: The expected mean.
        error: Standard deviation of its unknown part, relative to the other candidates.
        centre: The same mean without shrinking a_j towards the candidates' mean: the centre of `margin`.
        margin: Half-width of the confidence sequence around `centre`, relative to the other candidates; infinite where
            nothing is measured. Error and margin are also infinite while no two candidates differ on any task: how much
            they may differ on the others is not known then.
        low: Lower end of the confidence sequence of the mean itself; assessment samples differ more than candidates
            do, so this is much wider than `margin`.
        high: Its upper end.
        reliability: Known share of the scores' variance, 0 to 1.
        signal: v, the variance of the candidates' effects over that of a single measurement.
        effect: a_j drawn towards the mean, in standard deviations of e_ij.
        doubt: Standard deviation of a_j given what is measured.
        known: What the score would be with a_j = 0 on the tasks that the candidate was not measured on.
        weight: What a_j counts in the score through those tasks.
        special: Standard deviation of what e_ij adds to the score on those tasks.
    """

    score: FloatArray
    error: FloatArray
    centre: FloatArray
    margin: FloatArray
    low: FloatArray
    high: FloatArray
    reliability: float
    signal: float
    effect: FloatArray
    doubt: FloatArray
    known: FloatArray
    weight: FloatArray
    special: FloatArray


def estimate(c: FloatArray, n: int, *, alpha: float = 0.05) -> Estimates:
    """Estimate every candidate's mean.

    Args:
        c: Task contributions of shape (candidates, tasks), NaN where not measured; tasks without any
            measurement may be left out.
        n: Size of the whole assessment set, at least the number of tasks.
        alpha: One minus the confidence of the intervals.

    Returns:
        Estimates over the whole set. Without a single measurement every score is 0, with an infinite error.
    """
    known = ~np.isnan(c)
    t = known.sum(axis=1).astype(np.float64)
    if not known.any():
        zero, wide = np.zeros(len(c)), np.full(len(c), np.inf)
        return Estimates(zero, wide, zero, wide, -wide, wide, 0.0, 0.0, zero, wide, zero, zero, wide)
    c, known = c[:, known.any(axis=0)], known[:, known.any(axis=0)]
    values = np.where(known, c, 0.0)
    level, scale, mean_z, signal, own = _fit(values, known)
    # Single measurements cannot separate the variance between candidates from the variance within them.
    open_ended = (_alike(c, known) | bool(t.max() < 2)) & (t < n)
    shrunk = mean_z * t / (t + 1 / signal)
    unseen_level, unseen_scale, squares = _unseen(level, scale, known, n)
    measured = values.sum(axis=1)
    seen, weight, special = (measured + unseen_level) / n, unseen_scale / n, np.sqrt(own * squares) / n
    score, centre = seen + weight * shrunk, seen + weight * mean_z
    doubt = np.sqrt(signal / (1 + t * signal))
    error = np.where(open_ended, np.inf, np.sqrt(special**2 + (weight * doubt) ** 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(own * (squares + unseen_scale**2 / t)) / n
        factor = mixture_factor(effective(t, n), alpha)
        margin = np.where(t >= n, 0.0, np.where((t > 0) & ~open_ended, spread * factor, np.inf))
        width = _alone(level, scale, own) * factor / np.sqrt(effective(t, n))
        alone = np.where(t >= n, 0.0, np.where(t > 1, width, np.inf))
    variance = float(np.var(score))
    unknown = float(np.mean(error**2))
    reliability = variance / (variance + unknown) if variance + unknown > 0 else 0.0
    low, high = centre - alone, centre + alone
    beside = shrunk, doubt, seen, weight, special
    return Estimates(score, error, centre, margin, low, high, reliability, signal, *beside)


def _fit(values: FloatArray, known: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray, float, FloatArray]:
    """Level and scale of each task, mean standardised contribution and own variance of each candidate, the signal v.

    An alternating fit: the moments of c_ij of each task over the candidates measured on it, given the present effects
    of the candidates; then the candidates' effects given the tasks; until nothing changes.
    """
    measured, t = known.sum(axis=0), known.sum(axis=1)
    several = measured > 1  # a task with a single measurement says nothing of its scale
    weight = np.where(several, measured, 0)
    mean = values.sum(axis=0) / measured
    square = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / np.maximum(measured - 1, 1)
    shrunk, rest, signal = np.zeros(len(values)), np.full(len(values), 0.5), 0.5
    some = t > 0
    for _ in range(ROUNDS):
        centre = (known * shrunk[:, None]).sum(axis=0) / measured
        around = (np.where(known, shrunk[:, None] - centre, 0.0) ** 2).sum(axis=0) / np.maximum(measured - 1, 1)
        variance = square / (1 + around + (known * rest[:, None]).sum(axis=0) / measured)
        usual = np.median(variance[several]) if several.any() else 0.0
        variance = (weight * variance + PRIOR * usual) / (weight + PRIOR)
        scale = np.sqrt(variance)
        level = mean - scale * centre
        z = np.where(known, (values - level) / np.where(scale > 0, scale, 1.0), 0.0)
        rest = signal / (1 + t * signal)
        before, shrunk = shrunk, z.sum(axis=1) * rest
        signal = max(SMALLEST_VARIANCE, float((shrunk[some] ** 2).sum() / max(1, some.sum() - 1) + rest[some].mean()))
        if np.max(np.abs(shrunk - before)) < CLOSE:
            break
    mean_z = z.sum(axis=1) / np.maximum(t, 1)
    return level, scale, mean_z, signal, _own(z - np.where(known, mean_z[:, None], 0.0), t)


def _own(residuals: FloatArray, t: NDArray[np.int64]) -> FloatArray:
    """Variance of each candidate's e_ij, 1 on average: some candidates vary more between tasks than others."""
    return np.asarray(((residuals**2).sum(axis=1) + OWN_PRIOR) / (np.maximum(t - 1, 0) + OWN_PRIOR))


def _alike(c: FloatArray, known: NDArray[np.bool_]) -> bool:
    """Whether no task distinguishes two candidates: on each, all measurements are the same or there is only one."""
    lowest, highest = np.where(known, c, np.inf).min(axis=0), np.where(known, c, -np.inf).max(axis=0)
    return bool((lowest == highest).all())


def _unseen(
    level: FloatArray, scale: FloatArray, known: NDArray[np.bool_], n: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of the levels, the scales and the squared scales over the tasks that each candidate was not measured on.

    A task without any measurement counts as the average of those with some.
    """
    beyond = n - len(level)
    missing = ~known
    return (
        missing @ level + beyond * level.mean(),
        missing @ scale + beyond * scale.mean(),
        missing @ scale**2 + beyond * np.mean(scale**2),
    )


def _alone(level: FloatArray, scale: FloatArray, own: FloatArray) -> FloatArray:
    """Standard deviation over the tasks of each candidate's contributions."""
    between = float(np.var(level, ddof=1)) if len(level) > 1 else np.inf
    return np.asarray(np.sqrt(between + own * np.mean(scale**2)))
