"""The formulas of the method (arXiv 2505.05327, section 3), and measures of agreement between rankings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-6
"""Added to PPL(S) in the denominator of the task contribution, as the authors do."""

FloatArray = NDArray[np.float64]


def ppl(nll: float) -> float:
    """PPL = exp(NLL); NLL in nats per token; infinite where a float overflows."""
    try:
        return math.exp(nll)
    except OverflowError:
        return math.inf


def task_contribution(nll: float, nll_control: float, nll_baseline: float) -> float:
    """c_ij = (PPL(S_i given R_j) - PPL(S_i given T_j)) / (PPL(S_i) + 1e-6).

    Args:
        nll: NLL(S_i given T_j), nats per token.
        nll_control: NLL(S_i given R_j); without a control, NLL(S_i).
        nll_baseline: NLL(S_i).
    """
    return (ppl(nll_control) - ppl(nll)) / (ppl(nll_baseline) + EPSILON)


def log_gain(nll: float, nll_control: float) -> float:
    """NLL(S_i given R_j) - NLL(S_i given T_j), nats per token: positive where the demonstration helps."""
    return nll_control - nll


def consistency(c: NDArray[np.float64]) -> float:
    """Share of assessment samples with c_ij > 0."""
    return float(np.mean(c > 0))


def coverage(c: NDArray[np.float64]) -> float:
    """Share of assessment samples with c_ij > 0.5."""
    return float(np.mean(c > 0.5))


def stability(c: NDArray[np.float64]) -> float:
    """Variance of c_ij over the assessment samples (divided by n, as a description of these samples)."""
    return float(np.var(c))


def standard_error(c: NDArray[np.float64]) -> float | None:
    """std(c_ij)/sqrt(n) with the sample standard deviation; None for a single assessment sample."""
    return float(np.std(c, ddof=1) / np.sqrt(len(c))) if len(c) > 1 else None


def trimmed_mean(c: NDArray[np.float64], share: float = 0.1) -> float:
    """Mean without the lowest and the highest share of the values (rounded down), less sensitive to outliers."""
    cut = int(share * len(c))
    return float(np.mean(np.sort(c)[cut : len(c) - cut]))


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


def mean_ranks(values: Sequence[float] | FloatArray) -> FloatArray:
    """Ranks from 1 for the lowest, ties at their mean rank; shape (n,). What `scipy.stats.rankdata` gives.

    scipy.stats takes a second to load, which every run would.

    Args:
        values: Numbers, shape (n,), none of them NaN.
    """
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: FloatArray = (last - (counts - 1) / 2)[place]
    return means


def spearman(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray) -> float | None:
    """Spearman's rank correlation, ties at their mean rank.

    None where it is not defined: a side is constant, has under 3 values, or holds one that is no number.
    """
    x, y = np.asarray(a), np.asarray(b)
    if len(x) < 3 or any((side == side[0]).all() or np.isnan(side).any() for side in (x, y)):
        return None
    ranks = np.column_stack([mean_ranks(x), mean_ranks(y)])
    return float(np.asarray(np.corrcoef(ranks, rowvar=False))[1, 0])


def overlap(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Share of the first selection that is also in the second; None where the first is empty."""
    return len(set(a) & set(b)) / len(set(a)) if a else None


def auc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a random positive scores above a random negative, ties counted half.

    Mann-Whitney's U over the number of pairs. None where a side is empty or holds a value that is no number.
    """
    if not len(positive) or not len(negative) or np.isnan(positive).any() or np.isnan(negative).any():
        return None
    n = len(positive)
    ranks = mean_ranks(np.concatenate([positive, negative]))[:n]
    return float((ranks.sum() - n * (n + 1) / 2) / (n * len(negative)))


def split_half(
    c: FloatArray,
    *,
    seed: int,
    splits: int = 20,
    transform: Callable[[FloatArray], FloatArray] | None = None,
) -> Reliability | None:
    """Reliability of the mean over the columns, from random halves of the columns.

    A half in which all candidates have the same mean orders none of them: its correlation counts as 0.

    Args:
        c: Task contributions, shape (candidates, n).
        seed: Seed of the splits.
        splits: How many to average.
        transform: Makes the score from the mean of a half, where it is something else than that mean.

    Returns:
        None where there are fewer than 3 candidates or 4 assessment samples, or where nothing varies.
    """
    if c.ndim != 2 or c.shape[0] < 3 or c.shape[1] < 4:
        return None
    draw = np.random.default_rng(seed)
    correlations = []
    for _ in range(splits):
        order = draw.permutation(c.shape[1])
        left, right = np.array_split(order, 2)
        halves = (c[:, half].mean(axis=1) for half in (left, right))
        r = spearman(*(transform(half) if transform else half for half in halves))
        correlations.append(r)
    if all(r is None for r in correlations):
        return None
    half = math.fsum(r or 0.0 for r in correlations) / splits
    return Reliability(half, 2 * half / (1 + half) if half > 0 else half, splits)
