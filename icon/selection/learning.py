"""Learns a label from features: labels by quantile, a held-out part, a logistic regression, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from icon.errors import ConfigError
from icon.selection.features import N_LENGTHS
from icon.selection.interval import auc_interval, average_precision, average_precision_interval
from icon.selection.ranking import FEWEST

FOLDS = 5
ENOUGH_POSITIVES = 100
"""With as many held-out positives the held-out figures stand alone; with fewer, cross-validation stands beside them."""

Labels = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the training rows and of the held-out rows."""

    train: NDArray[np.int_]
    test: NDArray[np.int_]


def quantile_labels(scores: NDArray[np.float64], share: float) -> tuple[Labels, float]:
    """1 for scores at or above their (1 - share) quantile, else 0, and that quantile (paper: selection paradigm).

    Raises:
        ConfigError: There are fewer than 20 scores, or fewer than two of either label.
    """
    cut = float(np.quantile(scores, 1 - share))
    labels = (scores >= cut).astype(int)
    positives, n = int(labels.sum()), len(labels)
    if n < FEWEST or min(positives, n - positives) < 2:
        raise ConfigError(
            f"selector classifier: {n} scored candidates, {positives} of them in the top {100 * share:g}%; valid: at "
            f"least {FEWEST}, with two or more in and out of the top share. Score more candidates (subset), set the "
            "option label_share, or use the selector top"
        )
    return labels, cut


def stratified_split(labels: Labels, test_share: float, seed: int) -> Split:
    """Hold `test_share` of each label out, at least one of each, never all."""
    generator = np.random.default_rng(seed)
    train, test = [], []
    for label in (0, 1):
        members = generator.permutation(np.flatnonzero(labels == label))
        n_test = min(max(1, round(test_share * len(members))), len(members) - 1)
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
    """A few columns of a sparse matrix as an array, which can be centred."""
    array: NDArray[np.float32] = matrix.toarray()
    return array


def auc(labels: Labels, scores: NDArray[np.float64]) -> float:
    """Area under the ROC curve: the chance that a random positive stands above a random negative, ties half."""
    return float(roc_auc_score(labels, scores))


def held_out_quality(labels: Labels, probabilities: NDArray[np.float64], seed: int) -> dict[str, float]:
    """AUC with Newcombe's interval, average precision with a bootstrap interval, on the held-out rows."""
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
    """AUC over all labelled rows, each judged by a model that did not see it; a second figure where positives are few.

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
