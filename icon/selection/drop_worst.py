"""Selector `drop-worst`: leaves out the candidates with the lowest scores and draws the rest at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from pydantic import Field

from icon.plugins import Options, SelectionTask
from icon.selection.ranking import against_top, by_score, checked_scores, not_scored, scarcity_warnings
from icon.types import Decision, Selection, part_of


class DropWorstOptions(Options):
    """Options of `drop-worst`."""

    drop: float = Field(0.3, gt=0, lt=1, description="Share of the scored candidates to leave out, the lowest first.")


class DropWorstSelector:
    """Leaves out the lowest share of the scored candidates, and draws what is kept at random from the others.

    It is for a score that recognises bad records better than good ones. As in `top`, a share to keep is one of all
    candidates; the share to leave out is one of those with a score, and only these are selected.
    The draw is a seeded hash of the ids, so it depends on neither the order of the pool nor the scores. Where more are
    to be kept than are left, fewer are left out.
    """

    needs_backend = False
    of_worst = True
    fewest_scored = 1

    def __init__(self, options: DropWorstOptions) -> None:
        self.options = options

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; ranks are those of the draw, those left out come last.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
        """
        scores = checked_scores(task)
        ranked = by_score(scores)
        kept = task.to_keep(len(ranked))
        asked = part_of(self.options.drop, len(ranked))
        dropped = min(asked, len(ranked) - kept)
        left = ranked[: len(ranked) - dropped]
        order = [*sorted(left, key=lambda id_: _draw(id_, task.seed)), *ranked[len(left) :]]
        ranks = {id_: rank for rank, id_ in enumerate(order, start=1)}
        reasons = _reasons(ranks, kept, len(left))
        decisions = [
            Decision(sample.id, ranks[sample.id] <= kept, ranks[sample.id], reasons[sample.id])
            if sample.id in ranks
            else not_scored(sample.id, "drop-worst")
            for sample in task.candidates
        ]
        quality = {
            "n_candidates": len(task.candidates),
            "n_scored": len(ranked),
            "n_selected": kept,
            "n_left_out": dropped,
            "drop": self.options.drop,
            **against_top(scores, ranked, order[:kept]),
        }
        warnings = scarcity_warnings(task.keep, len(ranked), len(task.candidates))
        if dropped < asked:
            warnings.append(
                f"drop = {self.options.drop:g} would leave {len(ranked) - asked} of the {len(ranked)} scored "
                f"candidates, and {kept} are to be kept: {dropped} of the worst left out instead of {asked}"
            )
        return Selection(decisions, quality, [*warnings, *_ties(scores, ranked, len(left))])


def _draw(id_: str, seed: int) -> tuple[bytes, str]:
    """A candidate's place in the draw."""
    return blake2b(f"{seed}/{id_}".encode(), digest_size=16).digest(), id_


def _reasons(ranks: Mapping[str, int], kept: int, left: int) -> dict[str, str]:
    """Why each scored candidate is selected or not."""
    n = len(ranks)
    reasons = {}
    for id_, rank in ranks.items():
        if rank <= kept:
            reasons[id_] = f"selected: drawn as number {rank} of the {left} that are not among the worst"
        elif rank <= left:
            reasons[id_] = f"not drawn: number {rank} of the {left} that are not among the worst, {kept} kept"
        else:
            reasons[id_] = f"among the worst: rank {rank} of {n} by score, the last {n - left} are left out"
    return reasons


def _ties(scores: Mapping[str, float], ranked: Sequence[str], left: int) -> list[str]:
    """The warning that candidates with equal scores are on both sides of the cut, so that their ids decide."""
    if not 0 < left < len(ranked) or scores[ranked[left - 1]] != scores[ranked[left]]:
        return []
    tied = [id_ for id_ in ranked if scores[id_] == scores[ranked[left]]]
    out = len([id_ for id_ in ranked[left:] if scores[id_] == scores[ranked[left]]])
    what = f"{len(tied)} candidates have the score of the best one left out"
    return [f"{what}, and {out} of them are left out: their ids decide"]
