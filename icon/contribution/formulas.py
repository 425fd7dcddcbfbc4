"""The formulas of the method (arXiv 2505.05327, section 3)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-6
"""Added to PPL(S) in the denominator of the task contribution, as the authors do."""


def ppl(nll: float) -> float:
    """PPL = exp(NLL); NLL in nats per token; infinite where it is beyond a float."""
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
    """Mean without the lowest and the highest share of the values (rounded down), less ruled by outliers."""
    cut = int(share * len(c))
    return float(np.mean(np.sort(c)[cut : len(c) - cut]))
