"""Initial weights of the head, fitted on the model's states before anything is trained.

A random head spends the few steps of such a training on its direction, and distorts the model's states meanwhile; a
fitted one leaves the steps to the adapters (linear probing, then fine-tuning: Kumar et al. 2022,
"Fine-tuning can distort pretrained features", section 3).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from icon_torch.lora.batches import Labelled
from icon_torch.lora.network import Network
from icon_torch.lora.texts import packs, padded

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Inverse strengths of the penalty to choose from: all strong, since states are wide and labels noisy."""

FOLDS = 3


def fit_head(network: Network, train: Labelled, tokens: int, seed: int) -> None:
    """Set the head to a logistic regression on the training part, its penalty chosen by the AUC over three folds.

    Where a label has fewer texts than there are folds, the head keeps its random weights; likewise where states are not
    finite, which the training itself then reports.

    Args:
        network: The classifier, its adapters still without effect.
        train: The training part.
        tokens: Most padded tokens of a batch; a longer text is a batch of its own.
        seed: Decides the folds.
    """
    labels = np.asarray(train.labels)
    if np.bincount(labels, minlength=2).min() < FOLDS:
        return
    states = _states(network, train, tokens)
    if not np.isfinite(states).all():
        return
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    search = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, scoring="roc_auc", cv=folds)
    scaler, probe = search.fit(states, labels).best_estimator_
    weight = probe.coef_[0] / scaler.scale_
    bias = probe.intercept_[0] - weight @ scaler.mean_
    head = network.head
    with torch.no_grad():
        # Half for one label and half against the other: their difference is the regression's log-odds.
        for label, sign in ((0, -0.5), (1, 0.5)):
            head.weight[label] = sign * torch.as_tensor(weight).to(head.weight)
            head.bias[label] = sign * bias


@torch.no_grad()
def _states(network: Network, train: Labelled, tokens: int) -> NDArray[np.float64]:
    """The head's input for every text, shape (texts, width)."""
    network.eval()
    by_place: dict[int, NDArray[np.float64]] = {}
    for pack in packs(train.texts, tokens):
        states = network.states(**padded([train.texts[place] for place in pack])).double().cpu().numpy()
        by_place.update(zip(pack, states, strict=True))
    return np.stack([by_place[place] for place in range(len(train))])
