"""Logistic regression of a label on features, and its held-out quality with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from icon.errors import ConfigError
from icon.selection.features import N_LENGTHS
from icon.selection.ranking import FEWEST
from icon.types import part_of

FOLDS = 5

ENOUGH_POSITIVES = 100
"""With at least as many held-out positives the held-out figures suffice; with fewer, cross-validated ones are added."""

Labels = NDArray[np.int_]

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the training rows and of the held-out rows."""

    train: NDArray[np.int_]
    test: NDArray[np.int_]


def quantile_labels(scores: NDArray[np.float64], share: float) -> tuple[Labels, float]:
    """Labels, 1 for scores at or above their (1 - share) quantile, else 0, and that quantile (METHOD: stage 3).

    The quantile lies between two scores, as numpy interpolates it, so that the labels are one more or fewer than a
    share to keep may be (`types.Keep`): of 22 scores 5 are labelled at 20%, where 4 of 22 are kept.

    Raises:
        ConfigError: There are fewer than 20 scores, or fewer than two of either label.
    """
    cut = float(np.quantile(scores, 1 - share))
    labels = (scores >= cut).astype(int)
    positives, n = int(labels.sum()), len(labels)
    if n < FEWEST or min(positives, n - positives) < 2:
        if n >= FEWEST and positives == n:
            raise ConfigError(
                f"selector classifier: {100 * (1 - share):g}% or more of the {n} scored candidates have the lowest "
                "score, so that all are at or above the cut of the top share; valid: scores that differ. Take more "
                "assessment samples, another score, or the selector top"
            )
        raise ConfigError(
            f"selector classifier: {n} scored candidates, {positives} of them in the top {100 * share:g}%; valid: at "
            f"least {FEWEST}, two or more of them in the top share and two or more below it. Score more candidates "
            "(subset), set the option label_share, or use the selector top"
        )
    return labels, cut


def stratified_split(labels: Labels, test_share: float, seed: int) -> Split:
    """Hold `test_share` of each label out, at least one of each, never all."""
    generator = np.random.default_rng(seed)
    train, test = [], []
    for label in (0, 1):
        members = generator.permutation(np.flatnonzero(labels == label))
        n_test = min(max(1, part_of(test_share, len(members))), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return Split(np.sort(np.concatenate(train)), np.sort(np.concatenate(test)))


def lexical_model(regularisation: float) -> Pipeline:
    """Logistic regression on `features.lexical`, its lengths standardised."""
    lengths = make_pipeline(FunctionTransformer(_dense), StandardScaler())
    columns = [("lengths", lengths, slice(0, N_LENGTHS)), ("hashed", "passthrough", slice(N_LENGTHS, None))]
    scaled = ColumnTransformer(columns, sparse_threshold=1.0)
    return make_pipeline(scaled, _regression(regularisation))


def embedding_model(regularisation: float) -> Pipeline:
    """Logistic regression on `features.embedding`, standardised and then brought to length 1."""
    return make_pipeline(StandardScaler(), Normalizer(), _regression(regularisation))


def _regression(regularisation: float) -> LogisticRegression:
    # Conjugate gradients: a tenth of the time of lbfgs on rows this wide.
    return LogisticRegression(C=1 / regularisation, solver="newton-cg", max_iter=1000)


def _dense(matrix: Any) -> NDArray[np.float32]:
    """A few columns of a sparse matrix as a dense array, which can be centred."""
    array: NDArray[np.float32] = matrix.toarray()
    return array


def auc(labels: Labels, scores: NDArray[np.float64]) -> float:
    """Area under the ROC curve: the chance that a random positive scores above a random negative, ties counted half."""
    return float(roc_auc_score(labels, scores))


def held_out_quality(labels: Labels, probabilities: NDArray[np.float64], seed: int) -> dict[str, float]:
    """AUC with Newcombe's interval and average precision with a bootstrap interval, on the held-out rows."""
    area, positives = auc(labels, probabilities), int(labels.sum())
    low, high = auc_interval(area, positives, len(labels) - positives)
    precision_low, precision_high = average_precision_interval(labels, probabilities, seed)
    return {
        "auc": area,
        "auc_low": low,
        "auc_high": high,
        "average_precision": average_precision(labels, probabilities),
        "average_precision_low": precision_low,
        "average_precision_high": precision_high,
    }


def cross_validated_auc(model: Pipeline, features: Any, labels: Labels, seed: int) -> dict[str, float]:
    """Cross-validated AUC over all labelled rows, each predicted by a model that did not see it.

    Empty where either label has fewer rows than folds.
    """
    positives = int(labels.sum())
    if min(positives, len(labels) - positives) < FOLDS:
        return {}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    probabilities = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")[:, 1]
    area = auc(labels, probabilities)
    low, high = auc_interval(area, positives, len(labels) - positives)
    return {"auc_cv": area, "auc_cv_low": low, "auc_cv_high": high}


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

    # At 0 and 1 the variance is zero: such an AUC is itself one of the two solutions.
    edge = 1e-12
    low = 0.0 if auc <= edge else _root(distance, 0.0, min(auc, 1 - edge))
    high = 1.0 if auc >= 1 - edge else _root(distance, max(auc, edge), 1.0)
    return low, high


def average_precision(labels: NDArray[np.int_], scores: NDArray[np.float64]) -> float:
    """Precision averaged over the positives, from the highest score down; tied scores are taken together.

    The same as `sklearn.metrics.average_precision_score`, without its checks, which are slow in a bootstrap.
    """
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(labels[order])[last_of_ties]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (last_of_ties + 1)) / hits[-1])


def average_precision_interval(
    labels: NDArray[np.int_], scores: NDArray[np.float64], seed: int, resamples: int = 500
) -> tuple[float, float]:
    """The 95% percentile interval of the average precision over a bootstrap within each label.

    Drawing within the labels keeps the share of positives, which average precision depends on.
    """
    generator = np.random.default_rng(seed)
    positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    resampled = []
    for _ in range(resamples):
        drawn = np.concatenate(
            [generator.choice(positives, len(positives)), generator.choice(negatives, len(negatives))]
        )
        resampled.append(average_precision(labels[drawn], scores[drawn]))
    low, high = np.percentile(resampled, [2.5, 97.5])
    return float(low), float(high)


def _root(function: Callable[[float], float], start: float, end: float) -> float:
    return float(brentq(function, start, end, xtol=1e-12))
