"""The best of the scored candidates, computed on columns: what the selector `top` does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from icon.plugins import SelectionTask
from icon.samples.ids import IntArray
from icon.selection.decided import Decided, Reasons
from icon.selection.ranking import not_scored_because, scarcity_warnings, tied_sentence
from icon.selection.scored import Candidates, FloatArray, ranks_of
from icon.types import Selection


def select_best(task: SelectionTask) -> Selection:
    """One decision per candidate, in the order given: the best `keep` of those with a score are selected.

    Raises:
        ConfigError: There is no candidate, or none has a score.
        PluginError: A score is not finite.
    """
    candidates = Candidates.of(task)
    n, ranked = len(candidates.ids), candidates.ranked
    kept = task.to_keep(len(ranked))
    ranks = ranks_of(ranked, n)
    decided = Decided(candidates.ids, (ranks > 0) & (ranks <= kept), ranks, _reasons(ranks, len(ranked), kept))
    ties = tied_at_cut(candidates.scores[ranked], kept)
    quality = {"n_candidates": n, "n_scored": len(ranked), "n_selected": kept, **ties}
    return Selection(decided, quality, [*scarcity_warnings(task.keep, len(ranked), n), *tie_warnings_of(ties)])


def tied_at_cut(scores: FloatArray, kept: int) -> dict[str, int]:
    """How many have the score of the last one kept, and how many of these are kept, for `Selection.quality`.

    Args:
        scores: From the highest down.
        kept: How many are kept.

    Returns:
        `n_tied` and `n_selected_tied`; empty where equal scores are not on both sides of the cut.
    """
    if not 0 < kept < len(scores) or scores[kept - 1] != scores[kept]:
        return {}
    tied = np.flatnonzero(scores == scores[kept])
    return {"n_tied": len(tied), "n_selected_tied": kept - int(tied[0])}


def tie_warnings_of(ties: Mapping[str, int]) -> list[str]:
    """The warning that ids decide between equal scores, from what `tied_at_cut` found."""
    return [tied_sentence(*ties.values())] if ties else []


def _reasons(ranks: IntArray, n_ranked: int, kept: int) -> Reasons:
    def reasons(places: IntArray) -> list[str]:
        return [_reason(rank, n_ranked, kept) for rank in ranks[places].tolist()]

    return reasons


def _reason(rank: int, n_ranked: int, kept: int) -> str:
    if not rank:
        return not_scored_because("top")
    if rank <= kept:
        return f"selected: rank {rank} of {n_ranked} by score"
    return f"below the cut: rank {rank} of {n_ranked}, {kept} kept"
