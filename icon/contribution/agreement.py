"""How far two rankings, or two halves of one measurement, agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Split-half reliability of a ranking over the assessment set.

    Attributes:
        half: Mean Spearman correlation between the scores from two halves of the assessment set.
        full: The same stepped up to the whole set (Spearman-Brown: 2r / (1 + r)); `half` itself where that is not above
            0, since the formula is for halves that measure the same thing.
        splits: How many random splits it is the mean of.
    """

    half: float
    full: float
    splits: int


def spearman(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where a side has no variation or under 3 values."""
    if len(a) < 3:
        return None
    x, y = rankdata(a), rankdata(b)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def overlap(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Share of the first selection that is in the second as well; None where the first is empty."""
    return len(set(a) & set(b)) / len(set(a)) if a else None


def auc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a random positive scores above a random negative, ties counted half (Mann-Whitney)."""
    if not len(positive) or not len(negative):
        return None
    ranks = rankdata(np.concatenate([positive, negative]))
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def split_half(c: FloatArray, *, seed: int, splits: int = 20) -> Reliability | None:
    """Reliability of the mean over the columns, from random halves of the columns.

    Args:
        c: Task contributions, shape (candidates, n).
        seed: Seed of the splits.
        splits: How many to average.

    Returns:
        None where there are fewer than 3 candidates or 4 assessment samples, or nothing varies.
    """
    if c.ndim != 2 or c.shape[0] < 3 or c.shape[1] < 4:
        return None
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(splits):
        order = draw.permutation(c.shape[1])
        left, right = np.array_split(order, 2)
        r = spearman(c[:, left].mean(axis=1), c[:, right].mean(axis=1))
        if r is not None:
            found.append(r)
    if not found:
        return None
    half = math.fsum(found) / len(found)
    return Reliability(half, 2 * half / (1 + half) if half > 0 else half, len(found))
