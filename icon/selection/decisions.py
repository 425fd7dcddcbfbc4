"""From probabilities to decisions, and what a classifier must admit about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icon.types import Decision, Sample


def decide(candidates: Sequence[Sample], probabilities: Mapping[str, float], kept: int) -> list[Decision]:
    """One decision a candidate, in the order given: ranked by (probability, highest first; id), the first `kept` kept.

    Args:
        candidates: The candidates to decide over.
        probabilities: Probability of the label 1 by id, one for each candidate.
        kept: How many are selected.
    """
    ranked = sorted(probabilities, key=lambda id_: (-probabilities[id_], id_))
    ranks = {id_: rank for rank, id_ in enumerate(ranked, start=1)}
    decisions = []
    for sample in candidates:
        rank, probability = ranks[sample.id], probabilities[sample.id]
        place = f"rank {rank} of {len(ranks)}, probability {probability:.2f}"
        reason = f"selected: {place}" if rank <= kept else f"below the cut: {place}, {kept} kept"
        decisions.append(Decision(sample.id, rank <= kept, rank, reason, probability))
    return decisions


def chance_warnings(quality: Mapping[str, Any]) -> list[str]:
    """The warning that a classifier cannot be told from chance, where `quality` says so."""
    if not quality["chance"]:
        return []
    again = ""
    if "auc_cv" in quality:
        again = (
            f"; over five folds {quality['auc_cv']:.2f}, {quality['auc_cv_low']:.2f} to {quality['auc_cv_high']:.2f}"
        )
    return [
        f"the classifier cannot be told from chance: held-out AUC {quality['auc']:.2f}, 95% interval "
        f"{quality['auc_low']:.2f} to {quality['auc_high']:.2f}, which includes 0.5 or lies below it "
        f"(positives among {quality['n_test']} held-out candidates: {quality['positives_test']}{again}). "
        "Score more candidates (subset), or use the selector top"
    ]
