"""How far a held-out AUC or average precision can be trusted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution."""


def auc_interval(auc: float, positives: int, negatives: int, z: float = Z_95) -> tuple[float, float]:
    """A confidence interval for an AUC that holds for few positives and at AUC = 0 or 1.

    Newcombe (2006), "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2:
    asymptotic methods and evaluation", method 5: the two solutions of (theta - AUC)^2 = z^2 V(theta) with

        V(theta) = theta (1 - theta) [1 + N* ((1 - theta) / (2 - theta) + theta / (1 + theta))] / (m n),
        N* = (m + n) / 2 - 1.

    Args:
        auc: The area under the ROC curve, the Mann-Whitney statistic over m n.
        positives: m, at least 1.
        negatives: n, at least 1.
        z: Normal quantile of the confidence level; the default is 95%, two-sided.
    """
    half = (positives + negatives) / 2 - 1

    def distance(theta: float) -> float:
        spread = 1 + half * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return (theta - auc) ** 2 - z**2 * theta * (1 - theta) * spread / (positives * negatives)

    # At 0 and 1 the variance is nil: an AUC there is one of the solutions itself, the other lies beside it.
    edge = 1e-12
    low = 0.0 if auc <= edge else _root(distance, 0.0, min(auc, 1 - edge))
    high = 1.0 if auc >= 1 - edge else _root(distance, max(auc, edge), 1.0)
    return low, high


def average_precision(labels: NDArray[np.int_], scores: NDArray[np.float64]) -> float:
    """Precision averaged over the positives found, going down the scores; tied scores are taken together.

    The same as `sklearn.metrics.average_precision_score`, without the checks that would rule a bootstrap's time.
    """
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = np.cumsum(labels[order])[last_of_ties]
    return float(np.sum(np.diff(found, prepend=0) * found / (last_of_ties + 1)) / found[-1])


def average_precision_interval(
    labels: NDArray[np.int_], scores: NDArray[np.float64], seed: int, resamples: int = 500
) -> tuple[float, float]:
    """The 95% percentile interval of the average precision over a bootstrap within each label.

    Drawing within the labels keeps the share of positives, which average precision depends on.
    """
    generator = np.random.default_rng(seed)
    positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    found = []
    for _ in range(resamples):
        drawn = np.concatenate(
            [generator.choice(positives, len(positives)), generator.choice(negatives, len(negatives))]
        )
        found.append(average_precision(labels[drawn], scores[drawn]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _root(function: Callable[[float], float], start: float, end: float) -> float:
    return float(brentq(function, start, end, xtol=1e-12))
