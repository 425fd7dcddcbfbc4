"""Intervals that stay valid however often one looks.

They are asymptotic confidence sequences with a normal-mixture boundary (Waudby-Smith, Arbour, Sinha, Kennedy and
Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 2024): with
probability 1 - alpha the mean lies inside at every number of observations at once, not at one chosen beforehand. An
interval for a fixed number, looked at again and again, would be left sooner or later.

The assessment set is finite and its samples are drawn without replacement. A sum of t of n such values, less its
expectation, behaves like a Brownian bridge, and a bridge at t is, scaled, a Brownian motion at the time
tau = t / (1 - t / n). So the boundary holds with tau in the place of t: the interval closes when the whole set is
measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

TIGHTEST = 24.0
"""The number of assessment samples at which the intervals are tightest: about where races are decided."""


def effective(t: FloatArray, n: int) -> FloatArray:
    """Tau = t / (1 - t / n), the sample size that t of n without replacement are worth; infinite at n."""
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
