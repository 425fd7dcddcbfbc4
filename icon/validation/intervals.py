"""The interval of a difference to random draws, over draws and judge samples together; and Holm's correction.

Losses of arm k on judge sample i are taken to be L[k, i] = mu_i + a_k + e[k, i], and those of the judged arm
L[0, i] = mu_i - (delta + tau_i) + a_0 + e[0, i]: a_k is what the draw of an arm's records does to all samples, e what
it does to one sample, and tau_i how much the judged arm's advantage delta differs between samples. See `compared`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much lower an arm's loss is than that of a random draw; arrays of the same shape, without samples and draws.

    Attributes:
        difference: Mean loss of the draws minus that of the arm: positive where the arm is better.
        low: Lower end of its interval.
        high: Upper end.
        standard_error: Square root of the estimated variance of the difference.
        df: Its degrees of freedom.
        p: Two-sided probability of a difference as large by chance.
        beaten: Number of draws with a higher mean loss than the arm.
    """

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    df: FloatArray
    p: FloatArray
    beaten: NDArray[np.int64]


def compared(arm: FloatArray, draws: FloatArray, confidence: float = 0.95) -> Difference:
    """Compare an arm with random draws on the same judge samples.

    With n draws, m samples, s2 the variance between the draws' mean losses, s_e2 that of the interaction of draws and
    samples, and v the variance over samples of d_i = mean_k L[k, i] - L[0, i]:

        Var(d) = s2 (1 + 1/n) + max(0, v - s_e2 (1 + 1/n)) / m

    The first term is that of a prediction: the arm is one draw more, with an a_0 of its own, so an arm that is itself a
    random draw lies within the interval as often as the confidence says. The second is what the choice of judge samples
    adds where the advantage differs between them. Degrees of freedom by Satterthwaite (1946).

    Args:
        arm: Losses of the arm, nats per token, shape (..., m), m at least 1.
        draws: Losses of the draws, shape (..., n, m), n at least 2.
        confidence: Of the interval.

    Returns:
        Arrays of shape (...).

    Raises:
        ValueError: Fewer than two draws, or no sample.
    """
    from scipy.special import stdtrit  # quantiles of t; scipy.stats takes a second to load

    n, m = draws.shape[-2:]
    if n < 2 or m < 1:
        raise ValueError(f"found {n} draws and {m} judge samples; valid: at least 2 draws and 1 sample")
    once = 1 + 1 / n
    means = draws.mean(axis=-1)
    per_sample = draws.mean(axis=-2) - arm
    difference = per_sample.mean(axis=-1)
    drawn = once * means.var(axis=-1, ddof=1)
    variance, df = drawn, np.full_like(drawn, n - 1)
    if m > 1:
        between = per_sample.var(axis=-1, ddof=1) / m
        within = once * _interaction(draws) / m
        whole = drawn + between - within
        parts = drawn**2 / (n - 1) + between**2 / (m - 1) + within**2 / ((n - 1) * (m - 1))
        counts = between > within
        variance = np.where(counts, whole, drawn)
        with np.errstate(divide="ignore", invalid="ignore"):
            df = np.where(counts & (parts > 0), np.maximum(1.0, whole**2 / parts), n - 1)
    error = np.sqrt(variance)
    reach = stdtrit(df, (1 + confidence) / 2) * error
    beaten = (means > arm.mean(axis=-1)[..., None]).sum(axis=-1)
    return Difference(difference, difference - reach, difference + reach, error, df, _p(difference, error, df), beaten)


def holm(values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p values of several tests, in the order given.

    The k-th smallest p of r is multiplied by r - k + 1; none is smaller than the one before it, and none above 1.
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted = [0.0] * len(values)
    largest = 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - place) * values[i]))
        adjusted[i] = largest
    return adjusted


def _interaction(draws: FloatArray) -> FloatArray:
    """Mean square of what is left of the draws' losses without the means of draws and samples, shape (...)."""
    n, m = draws.shape[-2:]
    left = draws - draws.mean(axis=-1, keepdims=True) - draws.mean(axis=-2, keepdims=True)
    left = left + draws.mean(axis=(-2, -1), keepdims=True)
    squares: FloatArray = (left**2).sum(axis=(-2, -1)) / ((n - 1) * (m - 1))
    return squares


def _p(difference: FloatArray, error: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p; where nothing varies it is 1 for no difference and 0 for any."""
    from scipy.special import stdtr  # the distribution of t

    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 * stdtr(df, -np.abs(difference) / error)
    certain: FloatArray = np.where(difference == 0, 1.0, 0.0)
    return np.where(error > 0, found, certain)
