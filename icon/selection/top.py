"""Selector `top`: keeps the candidates with the highest scores."""

from __future__ import annotations

from icon.plugins import Options, SelectionTask
from icon.selection.ranking import by_score, checked_scores, not_scored, scarcity_warnings, tie_warnings
from icon.types import Decision, Selection


class TopOptions(Options):
    """`top` has no options."""


class TopSelector:
    """Ranks the scored candidates by (score, highest first; id) and keeps the first ones.

    A share is one of all candidates, scored or not: 15% of a pool of 52,000 are 7,800. Halves are rounded up. What
    exceeds the scored candidates keeps them all and warns.
    """

    needs_backend = False
    fewest_scored = 1

    def __init__(self, options: TopOptions) -> None:
        self.options = options

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
        """
        scores = checked_scores(task)
        ranked = by_score(scores)
        ranks = {id_: rank for rank, id_ in enumerate(ranked, start=1)}
        kept = task.to_keep(len(ranks))
        decisions = [_decision(sample.id, ranks.get(sample.id), len(ranks), kept) for sample in task.candidates]
        quality = {"n_candidates": len(task.candidates), "n_scored": len(ranks), "n_selected": kept}
        warnings = [
            *scarcity_warnings(task.keep, len(ranks), len(task.candidates)),
            *tie_warnings(scores, ranked, kept),
        ]
        return Selection(decisions, quality, warnings)


def _decision(id_: str, rank: int | None, n_ranked: int, kept: int) -> Decision:
    if rank is None:
        return not_scored(id_, "top")
    if rank <= kept:
        return Decision(id_, selected=True, rank=rank, reason=f"selected: rank {rank} of {n_ranked} by score")
    return Decision(id_, selected=False, rank=rank, reason=f"below the cut: rank {rank} of {n_ranked}, {kept} kept")
