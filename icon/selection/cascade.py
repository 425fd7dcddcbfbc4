"""Selector `cascade`: a cheap score over every candidate, the run's own scorer over the best of them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, ClassVar, Literal

from pydantic import Field

from icon.errors import ConfigError
from icon.plugins import Narrowed, Options, SelectionTask
from icon.selection.checking import check_quality
from icon.selection.ranking import by_score, checked_scores, not_scored, scarcity_warnings, tie_warnings
from icon.types import Decision, Keep, Selection, part_of

TIMES = 2
"""How many times as many candidates as are kept the run's own scorer measures by default."""


class CascadeOptions(Options):
    """Options of `cascade`."""

    narrows: ClassVar[bool] = True

    cheap: str = Field(
        "length",
        description="Scorer that is measured on every candidate first: one without passes per assessment sample, such "
        "as length, ppl, ifd, superfiltering or rds.",
    )
    prefer: Literal["high", "low"] = Field("high", description="Which end of the cheap score goes on.")
    share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of the candidates that the run's own scorer measures; None: the setting subset, else twice "
        "as many as are kept.",
    )
    check: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="Part of those that is drawn at random from the candidates that the cheap score rejects, to say "
        "what it leaves out.",
    )


class CascadeSelector:
    """Ranks those that the run's own scorer measured by its score, and all others behind them by the cheap one.

    The cheap scorer is measured on every candidate, the run's own on the best of them by it and on a few drawn at
    random from the others, which say what the cheap score leaves out. The draw is a seeded hash of the ids. Candidates
    that the run's own scorer could not score are not ranked.
    """

    needs_backend = False
    fewest_scored = 1

    def __init__(self, options: CascadeOptions) -> None:
        self.options = options
        self.cheap = options.cheap

    def size(self, keep: Keep, candidates: int, subset: int | None) -> int:
        """How many candidates the run's own scorer measures.

        Raises:
            ConfigError: Both `subset` and the option `share` say how many, or it would measure fewer than are kept.
        """
        wanted, share = keep.of(candidates), self.options.share
        if subset is not None and share is not None:
            raise ConfigError(
                f"selector cascade: subset {subset} and the option share {share:g} both say how many candidates are "
                "measured; valid: one of them"
            )
        asked = subset or (TIMES * wanted if share is None else max(1, part_of(share, candidates)))
        if asked < wanted:
            raise ConfigError(
                f"selector cascade: {asked:,} candidates would be measured, and {wanted:,} are to be kept; valid: at "
                f"least as many (--subset {TIMES * wanted}, or -o selector.share), or fewer to keep (--keep)"
            )
        return min(asked, candidates)

    def narrow(self, scores: Mapping[str, float], size: int, seed: int) -> tuple[list[str], list[str]]:
        """Ids of the best by the cheap score, and of those drawn at random from the others."""
        checks = part_of(self.options.check, size) if size < len(scores) else 0
        ranked = self._ranked(scores)
        best, others = ranked[: size - checks], ranked[size - checks :]
        return best, heapq.nsmallest(checks, others, key=lambda id_: _draw(id_, seed))

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; `decided_by` says by which score.

        `quality` has how many were decided by which score, and what the checked candidates say of the others
        (`icon.selection.checking`). Without `task.narrowed` there is no cheap score, and the others are not ranked.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
        """
        scores, narrowed = checked_scores(task), task.narrowed or Narrowed("score", self.cheap, {}, ())
        ranked, others = by_score(scores), self._others(task, scores, narrowed)
        ranks = {id_: rank for rank, id_ in enumerate([*ranked, *others], start=1)}
        kept = task.to_keep(len(ranks))
        said = _Words(narrowed, len(ranked), len(others), kept)
        decisions = [said.decision(sample.id, ranks.get(sample.id)) for sample in task.candidates]
        quality: dict[str, Any] = {
            "n_candidates": len(task.candidates),
            "n_scored": len(ranked),
            "n_selected": kept,
            "cheap": self.cheap,
            "n_by_cheap": len(others),
            "n_selected_by_cheap": max(0, kept - len(ranked)),
        }
        checked = [id_ for id_ in narrowed.checked if id_ in scores]
        if checked:
            drawn = set(checked)
            best = [scores[id_] for id_ in ranked if id_ not in drawn]
            values, hits = [scores[id_] for id_ in checked], [ranks[id_] <= kept for id_ in checked]
            quality |= check_quality(best, values, others=len(others), kept=kept, selected=hits)
        return Selection(decisions, quality, self._warnings(task, scores, ranked, len(others)))

    def _warnings(
        self, task: SelectionTask, scores: Mapping[str, float], ranked: Sequence[str], others: int
    ) -> list[str]:
        kept, n = task.to_keep(len(ranked) + others), len(ranked)
        if not others:
            return [*scarcity_warnings(task.keep, n, len(task.candidates)), *tie_warnings(scores, ranked, kept)]
        if kept <= n:
            return tie_warnings(scores, ranked, kept)
        return [
            f"{kept:,} are to be kept and {n:,} are scored: all of these are kept, and {kept - n:,} more by "
            f"{self.cheap} alone; for a choice by the score keep fewer (--keep), or score more in a new run (--subset)"
        ]

    def _others(self, task: SelectionTask, scores: Mapping[str, float], narrowed: Narrowed) -> list[str]:
        """Candidates that only the cheap scorer has scored, best first."""
        failed = set(task.failed)
        ids = (sample.id for sample in task.candidates)
        known = {id_: narrowed.scores[id_] for id_ in ids if id_ in narrowed.scores}
        return self._ranked({id_: score for id_, score in known.items() if id_ not in scores and id_ not in failed})

    def _ranked(self, cheap: Mapping[str, float]) -> list[str]:
        """Ids by the cheap score, the preferred end first, equal ones in the order of their ids."""
        return by_score(cheap if self.options.prefer == "high" else {id_: -score for id_, score in cheap.items()})


def _draw(id_: str, seed: int) -> tuple[bytes, str]:
    """A candidate's place in the draw of those to check."""
    return blake2b(f"{seed}/check/{id_}".encode(), digest_size=16).digest(), id_


class _Words:
    """Decisions with their reasons."""

    def __init__(self, narrowed: Narrowed, scored: int, others: int, kept: int) -> None:
        self.scorer, self.cheap = narrowed.scorer, narrowed.cheap
        self.scored, self.others, self.kept = scored, others, kept

    def decision(self, id_: str, rank: int | None) -> Decision:
        """The decision on a candidate with this rank among all."""
        if rank is None:
            return not_scored(id_, "cascade")
        if rank <= self.scored:
            place = f"rank {rank:,} of {self.scored:,} by {self.scorer}"
            reason = f"selected: {place}" if rank <= self.kept else f"below the cut: {place}, {self.kept:,} kept"
            return Decision(id_, rank <= self.kept, rank, reason, decided_by=self.scorer)
        place = f"number {rank - self.scored:,} of the {self.others:,} that {self.cheap} alone ranks"
        behind = f"behind the {self.scored:,} scored by {self.scorer}"
        reason = f"selected: {place}, {behind}" if rank <= self.kept else f"below the cut: {place}, {behind}"
        return Decision(id_, rank <= self.kept, rank, reason, decided_by=self.cheap)
