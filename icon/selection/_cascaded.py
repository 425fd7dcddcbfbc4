"""What the selector `cascade` does, computed on columns: neither texts nor records of the pool are in memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from icon.plugins import Narrowed, SelectionTask
from icon.samples.ids import IdArray, IntArray, id_array, texts_of
from icon.samples.places import Places, best_first
from icon.selection._best import tie_warnings_of, tied_at_cut
from icon.selection.checking import check_quality
from icon.selection.decided import BATCH, Decided
from icon.selection.ranking import not_scored_because, scarcity_warnings
from icon.selection.scored import Candidates, columns_of, ranks_of
from icon.types import Selection


def narrowed_to(
    scores: Mapping[str, float], size: int, checks: int, seed: int, sign: int
) -> tuple[list[str], list[str]]:
    """Ids of the best by the cheap score, and of so many drawn at random from the others, `size` in all.

    Args:
        scores: The cheap score of each candidate that has one, by id.
        size: How many are measured.
        checks: How many of them are drawn.
        seed: Seed of the draw, a seeded hash of the ids.
        sign: 1 where a high score is better, -1 where a low one is.
    """
    ids, values = columns_of(scores)
    order = best_first(sign * values, Places(ids).in_order)
    others = ids[order[size - checks :]]
    return texts_of(ids[order[: size - checks]]), heapq.nsmallest(
        checks, _each(others), key=lambda id_: _draw(id_, seed)
    )


def select_cascaded(task: SelectionTask, cheap: str, sign: int) -> Selection:
    """One decision per candidate, in the order given; see `icon.selection.cascade.CascadeSelector`.

    Args:
        task: The task.
        cheap: Name of the cheap scorer.
        sign: 1 where a high cheap score is better, -1 where a low one is.

    Raises:
        ConfigError: There is no candidate, or none has a score.
        PluginError: A score is not finite.
    """
    narrowed = task.narrowed or Narrowed("score", cheap, {}, ())
    candidates = Candidates.of(task)
    index, ranked = Places(candidates.ids), candidates.ranked
    others = _others(task, candidates, index, narrowed, sign)
    n, scored = len(candidates.ids), len(ranked)
    ranks = ranks_of(np.concatenate([ranked, others]), n)
    kept = task.to_keep(scored + len(others))
    words = _Words(narrowed, ranks, scored, len(others), kept)
    deciders = [narrowed.scorer if 0 < rank <= scored else narrowed.cheap if rank else "" for rank in ranks.tolist()]
    ties = tied_at_cut(candidates.scores[ranked], kept)
    quality: dict[str, Any] = {
        "n_candidates": n,
        "n_scored": scored,
        "n_selected": kept,
        "cheap": cheap,
        "n_by_cheap": len(others),
        "n_selected_by_cheap": max(0, kept - scored),
        **_checked(narrowed, candidates, index, ranks, len(others), kept),
        **ties,
    }
    decided = Decided(candidates.ids, (ranks > 0) & (ranks <= kept), ranks, words.reasons, deciders=deciders)
    return Selection(decided, quality, _warnings(task, scored, tie_warnings_of(ties), len(others), kept, cheap))


def _others(task: SelectionTask, candidates: Candidates, index: Places, narrowed: Narrowed, sign: int) -> IntArray:
    """Places of the candidates that only the cheap scorer has scored, best first; who failed is not among them."""
    ids, given = columns_of(narrowed.scores)
    cheap = np.full(len(candidates.ids), np.nan)
    places = index.of(ids)
    cheap[places[places >= 0]] = given[places >= 0]
    failed = index.of(id_array(task.failed))
    cheap[failed[failed >= 0]] = np.nan
    by_id = candidates.by_id
    alone = np.isnan(candidates.scores[by_id]) & ~np.isnan(cheap[by_id])
    return best_first(sign * cheap, by_id[alone])


def _checked(
    narrowed: Narrowed, candidates: Candidates, index: Places, ranks: IntArray, others: int, kept: int
) -> dict[str, Any]:
    """What those that were drawn from the others say of them; empty where none of these has a score."""
    drawn = index.of(id_array(narrowed.checked))
    drawn = drawn[drawn >= 0]
    drawn = drawn[~np.isnan(candidates.scores[drawn])]
    if not len(drawn):
        return {}
    best = np.setdiff1d(candidates.scored, drawn)
    hits = (ranks[drawn] <= kept).tolist()
    scores = candidates.scores
    return check_quality(scores[best].tolist(), scores[drawn].tolist(), others=others, kept=kept, selected=hits)


def _warnings(task: SelectionTask, n: int, ties: list[str], others: int, kept: int, cheap: str) -> list[str]:
    """What a reader should know; `n` have a score of the run's own scorer."""
    if not others:
        return [*scarcity_warnings(task.keep, n, len(task.candidates)), *ties]
    if kept <= n:
        return ties
    return [
        f"{kept:,} are to be kept and {n:,} are scored: all of these are kept, and {kept - n:,} more by "
        f"{cheap} alone; for a choice by the score keep fewer (--keep), or score more in a new run (--subset)"
    ]


def _each(ids: IdArray) -> Iterator[str]:
    """Ids as texts, some at a time."""
    for start in range(0, len(ids), BATCH):
        yield from texts_of(ids[start : start + BATCH])


def _draw(id_: str, seed: int) -> tuple[bytes, str]:
    """A candidate's place in the draw of those to check."""
    return blake2b(f"{seed}/check/{id_}".encode(), digest_size=16).digest(), id_


class _Words:
    """Reasons of decisions, made when they are looked at."""

    def __init__(self, narrowed: Narrowed, ranks: IntArray, scored: int, others: int, kept: int) -> None:
        self._scorer, self._cheap, self._ranks = narrowed.scorer, narrowed.cheap, ranks
        self._scored, self._others, self._kept = scored, others, kept

    def reasons(self, places: IntArray) -> list[str]:
        """Why, for the candidates at these places."""
        return [self._reason(rank) for rank in self._ranks[places].tolist()]

    def _reason(self, rank: int) -> str:
        if not rank:
            return not_scored_because("cascade")
        if rank <= self._scored:
            place = f"rank {rank:,} of {self._scored:,} by {self._scorer}"
            return f"selected: {place}" if rank <= self._kept else f"below the cut: {place}, {self._kept:,} kept"
        place = f"number {rank - self._scored:,} of the {self._others:,} that {self._cheap} alone ranks"
        behind = f"behind the {self._scored:,} scored by {self._scorer}"
        return f"{'selected' if rank <= self._kept else 'below the cut'}: {place}, {behind}"
