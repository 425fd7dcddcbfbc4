"""Where in the responses a gain sits: at the first token, at the second, or at the rest.

What a demonstration teaches first is the form of the answer, and a form shows in the first tokens (docs/method.md). So
a gain is reported by position class, and rules are judged with and without the first tokens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icon.scorers._released import MASKED_TOKENS

CLASSES = ("first", "second", "rest")
"""The position classes of response tokens, in the order of every array's last axis here."""

FloatArray = NDArray[np.float64]


class Shares(NamedTuple):
    """Where gains sit, by position class; arrays of shape (3,) over `CLASSES`.

    Attributes:
        mean: Mean gain, nats per response.
        of_gain: |mean| of the class over the sum of |mean| of the classes that count: from 0 to 1, they sum to 1. NaN
            where a class does not count or nothing was gained or lost.
        of_variance: Covariance of the class with the whole gain over the variance of the whole, between candidates.
            They sum to 1; one is negative where the class works against the whole. NaN where there are fewer than 3
            candidates, nothing varies, or the class does not count.
    """

    mean: FloatArray
    of_gain: FloatArray
    of_variance: FloatArray


def masked_tokens(scorer: object) -> int:
    """How many first tokens a scorer leaves out of its comparison by its option `mask`; 0 where it has none."""
    mask = getattr(getattr(scorer, "options", None), "mask", "none")
    return MASKED_TOKENS if mask == "released" else 0


def counted(skip_tokens: int) -> NDArray[np.bool_]:
    """Which classes count where the first `skip_tokens` tokens are left out, shape (3,)."""
    return np.array([skip_tokens < 1, skip_tokens < 2, True])


def by_class(
    nll: ArrayLike, n_tokens: ArrayLike, first: ArrayLike, second: ArrayLike, skip_tokens: int = 0
) -> FloatArray:
    """Nats of each response by position class; their sum over the classes that count is `nll` times `n_tokens`.

    Args:
        nll: Mean over the tokens that count of -log p, shape (...).
        n_tokens: Number of tokens that count, shape (...).
        first: -log p of the first response token, counted or not, shape (...).
        second: The same of the second token; 0 for a response of one token.
        skip_tokens: How many first tokens do not count.

    Returns:
        Shape (..., 3); `rest` holds counted tokens only.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    is_counted = counted(skip_tokens)
    rest = np.asarray(nll, dtype=np.float64) * np.asarray(n_tokens) - one * is_counted[0] - two * is_counted[1]
    return np.stack([one, two, rest], axis=-1)


def shares(gains: FloatArray, candidates: NDArray[np.intp], samples: NDArray[np.intp], skip_tokens: int = 0) -> Shares:
    """Shares of the mean gain and of its variance between candidates, by position class.

    Between candidates a gain is the mean over the assessment samples that a candidate was measured on, each less the
    mean over all candidates on that sample: in a race not all candidates see the same samples.

    Args:
        gains: Gain by class of each pair, `by_class` of the control less that of the demonstration, shape (pairs, 3).
        candidates: Number of each pair's candidate, from 0, shape (pairs,).
        samples: Number of each pair's assessment sample, from 0, shape (pairs,).
        skip_tokens: How many first tokens do not count.
    """
    is_counted = counted(skip_tokens)
    mean = gains.mean(axis=0)
    sizes = np.where(is_counted, np.abs(mean), np.nan)
    whole = np.nansum(sizes)
    of_gain = sizes / whole if whole else np.full(3, np.nan)
    return Shares(mean, of_gain, _of_variance(candidate_means(gains, candidates, samples), is_counted))


def candidate_means(gains: FloatArray, candidates: NDArray[np.intp], samples: NDArray[np.intp]) -> FloatArray:
    """Mean gain of each candidate by class, relative to all candidates on the same samples, shape (candidates, 3)."""
    return _means(gains - _means(gains, samples)[samples], candidates)


def _means(values: FloatArray, groups: NDArray[np.intp]) -> FloatArray:
    """Mean of the rows of each group, shape (groups, 3)."""
    counts = np.bincount(groups)
    sums = np.stack([np.bincount(groups, weights=column) for column in values.T], axis=-1)
    found: FloatArray = sums / np.maximum(counts, 1)[:, None]
    return found


def _of_variance(means: FloatArray, is_counted: NDArray[np.bool_]) -> FloatArray:
    used = np.where(is_counted, means - means.mean(axis=0), 0.0)
    whole = used.sum(axis=1)
    variance = float(whole @ whole)
    if len(means) < 3 or variance <= np.finfo(np.float64).tiny:
        return np.full(3, np.nan)
    found: FloatArray = np.where(is_counted, whole @ used / variance, np.nan)
    return found
