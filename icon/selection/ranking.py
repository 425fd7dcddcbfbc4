"""Helpers that selectors share: checked scores, their ranking, decisions from probabilities, and warnings."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from icon.errors import AbilityError, ConfigError, PluginError
from icon.plugins import Embedder, SelectionTask
from icon.types import Decision, Keep, Sample

FEWEST = 20
"""Smallest number of scored candidates that a classifier can learn from."""

TOO_MANY = 1.5
"""How many times as many labels 1 as were asked for are said."""

NOTHING_CHOSEN = "all of them are kept, and nothing is chosen"
"""How the warning ends that the whole pool is to be kept."""


def checked_scores(task: SelectionTask) -> dict[str, float]:
    """The scores of the task's candidates, in the order of their ids; scores of other samples are ignored.

    Raises:
        ConfigError: There is no candidate, none has a score, or two have one id.
        PluginError: A score is not finite.
    """
    ids = sorted(sample.id for sample in task.candidates)
    if twice := next((one for one, other in pairwise(ids) if one == other), None):
        raise ConfigError(f"two candidates have the id {twice}; valid: distinct candidates")
    scores = {id_: task.scores[id_] for id_ in ids if id_ in task.scores}
    if not scores:
        raise ConfigError(f"none of the {len(ids)} candidates has a score; score some of them first")
    for id_, score in scores.items():
        if not math.isfinite(score):
            raise PluginError(not_finite(id_, score))
    return scores


def by_score(scores: Mapping[str, float]) -> list[str]:
    """Ids from the best score down, equal scores in the order of their ids."""
    return sorted(scores, key=lambda id_: (-scores[id_], id_))


def not_scored(id_: str, selector: str) -> Decision:
    """The decision of a selector that ranks by scores alone on a candidate without a score."""
    return Decision(id_, selected=False, rank=None, reason=not_scored_because(selector))


def not_scored_because(selector: str) -> str:
    """Why such a selector does not select a candidate without a score."""
    return f"not scored: {selector} ranks scored candidates only"


def scarcity_warnings(keep: Keep, n_scored: int, candidates: int | None = None) -> list[str]:
    """The warning that more candidates are to be kept than are scored; empty where that is not so.

    Args:
        keep: How much to keep.
        n_scored: Number of candidates with a score.
        candidates: Number of candidates, which a share is of; None for those with a score.
    """
    n = n_scored if candidates is None else max(n_scored, candidates)
    wanted = keep.of(n) if keep.count is None else keep.count
    if wanted <= n_scored:
        return []
    if keep.count is not None and n_scored == n:
        return [f"keep = {keep} exceeds the pool's {n:,} candidates: {NOTHING_CHOSEN}"]
    what = f"keep = {keep}" if keep.count is not None else f"keep = {keep.words(n)}, that is {wanted:,},"
    return [
        f"{what} exceeds the {n_scored:,} scored candidates: all of them are kept; score more, or use the "
        "selector classifier, which ranks unscored candidates too"
    ]


def tie_warnings(scores: Mapping[str, float], ranked: Sequence[str], kept: int) -> list[str]:
    """The warning that candidates with equal scores are on both sides of the cut, so that their ids decide.

    Args:
        scores: Finite scores by id.
        ranked: Their ids, best first.
        kept: How many of them are kept, from the top.
    """
    if not 0 < kept < len(ranked) or scores[ranked[kept - 1]] != scores[ranked[kept]]:
        return []
    tied = [id_ for id_ in ranked if scores[id_] == scores[ranked[kept]]]
    return [tied_sentence(len(tied), kept - ranked.index(tied[0]))]


def tied_sentence(n: int, above: int) -> str:
    """The warning that of n candidates with the score of the last one kept so many are kept, and others not."""
    return f"{n} candidates have the score of the last one kept, and {above} of them are kept: their ids decide"


def against_top(scores: Mapping[str, float], ranked: Sequence[str], chosen: Collection[str]) -> dict[str, Any]:
    """Mean scores of a selection and of the selector top, and their overlap, for `quality`.

    Args:
        scores: Finite scores by id.
        ranked: Their ids, best first.
        chosen: Ids of the selection, at least one; it is compared with as many from `top`.
    """
    best = ranked[: len(chosen)]
    return {
        "mean_score": math.fsum(scores[id_] for id_ in chosen) / len(chosen),
        "mean_score_top": math.fsum(scores[id_] for id_ in best) / len(best),
        "n_shared_with_top": len(set(best) & set(chosen)),
    }


def decide(candidates: Sequence[Sample], probabilities: Mapping[str, float], kept: int) -> list[Decision]:
    """One decision per candidate, in the order given, ranked by (probability, highest first; id).

    Args:
        candidates: The candidates to decide over.
        probabilities: Probability of the label 1 by id, one for each candidate.
        kept: How many are selected, from the top.
    """
    ranked = sorted(probabilities, key=lambda id_: (-probabilities[id_], id_))
    ranks = {id_: rank for rank, id_ in enumerate(ranked, start=1)}
    decisions = []
    for sample in candidates:
        rank, probability = ranks[sample.id], probabilities[sample.id]
        reason = by_probability(rank, len(ranks), probability, kept)
        decisions.append(Decision(sample.id, rank <= kept, rank, reason, probability))
    return decisions


def by_probability(rank: int, n: int, probability: float, kept: int) -> str:
    """Why a candidate that was ranked by a probability is selected or not, in words."""
    place = f"rank {rank} of {n}, probability {probability:.2f}"
    return f"selected: {place}" if rank <= kept else f"below the cut: {place}, {kept} kept"


def not_finite(id_: str, score: float) -> str:
    """What is wrong with a score that is not finite."""
    return f"the score of candidate {id_} is {score}; valid: a finite number, or no score at all"


def chance_warnings(quality: Mapping[str, Any]) -> list[str]:
    """The warning that a classifier is not better than chance, where `quality` says so."""
    if not quality["chance"]:
        return []
    folds = ""
    if "auc_cv" in quality:
        folds = (
            f"; over five folds {quality['auc_cv']:.2f}, {quality['auc_cv_low']:.2f} to {quality['auc_cv_high']:.2f}"
        )
    return [
        f"the classifier cannot be distinguished from chance: held-out AUC {quality['auc']:.2f}, 95% interval "
        f"{quality['auc_low']:.2f} to {quality['auc_high']:.2f}, which includes 0.5 or is below it "
        f"(positives among {quality['n_test']} held-out candidates: {quality['positives_test']}{folds}). "
        "Score more candidates (subset), or use the selector top"
    ]


def label_warnings(labelled: float, share: float) -> list[str]:
    """The warning that far more candidates have the label 1 than were to have it, as their scores tie at the cut.

    Args:
        labelled: Share of the scored candidates with the label 1.
        share: The share that was to have it.
    """
    if labelled <= TOO_MANY * share:
        return []
    return [
        f"{labelled:.0%} of the scored candidates have the label 1, where {share:.0%} were to have it: their scores "
        "tie at the cut, and the classifier learns that group. More assessment samples, or another score, distinguish "
        "more of them"
    ]


def embedder_of(task: SelectionTask, selector: str) -> Embedder:
    """The run's backend, with its ability to embed.

    Raises:
        AbilityError: It cannot embed, or there is none.
    """
    if isinstance(task.backend, Embedder):
        return task.backend
    name = task.backend.describe().backend if task.backend else "none"
    raise AbilityError(
        f"selector {selector}: features = embedding needs a backend that can embed texts; found {name}. Choose another "
        "backend, or features = lexical"
    )
