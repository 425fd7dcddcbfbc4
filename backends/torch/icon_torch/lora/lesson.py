"""The labelled candidates to learn from, and the quality of what was learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from icon.selection import learning, response_words
from icon.types import Sample
from icon_torch.lora.training import Job

FEW_STEPS = 50
"""Optimiser steps below which a training has hardly begun."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """The scored candidates, labelled and split.

    Attributes:
        samples: The scored candidates, in the order of their ids.
        labels: 1 for the top share of the scores, else 0.
        split: The training part and the held-out part.
        share: The share that is labelled 1.
        cut: The (1 - share) quantile of the scores; scores at or above it are labelled 1.
    """

    samples: Sequence[Sample]
    labels: learning.Labels
    split: learning.Split
    share: float
    cut: float


def draw_lesson(
    scored: Sequence[Sample], scores: Sequence[float], share: float, test_share: float, seed: int
) -> Lesson:
    """Label the top share of the scores, and hold `test_share` of each label out.

    Raises:
        ConfigError: There are fewer than 20 scores, or fewer than two of either label.
    """
    labels, cut = learning.quantile_labels(np.array(scores), share)
    return Lesson(scored, labels, learning.stratified_split(labels, test_share, seed), share, cut)


def judge(lesson: Lesson, probabilities: Mapping[str, float], seed: int) -> dict[str, Any]:
    """The quality, with the keys of the selector classifier, from probabilities by id."""
    train_part, test_part = lesson.split.train, lesson.split.test
    held_out = lesson.labels[test_part]
    predicted = np.array([probabilities[lesson.samples[place].id] for place in test_part])
    quality: dict[str, Any] = {
        **learning.held_out_quality(held_out, predicted, seed),
        "auc_length": learning.auc(held_out, response_words(lesson.samples)[test_part]),
        "features": "lora",
        "label_share": lesson.share,
        "label_cut": lesson.cut,
        "labelled": float(lesson.labels.mean()),
        "n_train": len(train_part),
        "n_test": len(test_part),
        "positives_train": int(lesson.labels[train_part].sum()),
        "positives_test": int(held_out.sum()),
    }
    return quality | {"chance": quality["auc_low"] <= 0.5}


def few_steps(job: Job) -> list[str]:
    """The warning that a training was too short to have learnt much, with the options that make it longer."""
    if job.steps >= FEW_STEPS:
        return []
    options = job.options
    more = "selector.accumulation=1 or more selector.epochs" if options.accumulation > 1 else "more selector.epochs"
    return [
        f"the classifier took only {job.steps} optimiser steps ({len(job.train)} texts, {options.epochs} epochs, "
        f"{options.batch_size * options.accumulation} texts per step); below {FEW_STEPS} it has hardly begun to learn. "
        f"Set {more} with -o, or score more candidates (subset)"
    ]


def cut_off(quality: Mapping[str, Any], limit: int) -> list[str]:
    """The warning that texts were truncated."""
    if not quality["n_truncated"]:
        return []
    return [
        f"the classifier read {quality['n_truncated']} of {quality['n_candidates']} texts only up to {limit} tokens; "
        "the rest of them is ignored"
    ]
