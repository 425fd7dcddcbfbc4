"""What the summary says of the rows of scores.parquet and of contributions, from their columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from icon.runs.score_table import STATUSES, ScoreTable
from icon.runs.sources import SourceFacts
from icon.samples.ids import IdArray, id_array
from icon.samples.places import Places, best_first
from icon.scorers.contributed import AloneContributions, FloatArray
from icon.types import Contribution, RowStatus, ScoreRow, Status

LAST = (RowStatus.DUPLICATE, RowStatus.BAD_ROW)
"""Statuses that are counted behind those of samples."""


def by_status(rows: ScoreTable) -> dict[RowStatus, int]:
    """How many rows have each status: those of samples in the order in which they first come, then the others."""
    found, first, counts = np.unique(rows.statuses, return_index=True, return_counts=True)
    places = {STATUSES[code]: (int(at), int(n)) for code, at, n in zip(found, first, counts, strict=True)}
    order = sorted(places, key=lambda status: (LAST.index(status) + 1 if status in LAST else 0, places[status][0]))
    return {status: places[status][1] for status in order}


def ends(rows: ScoreTable, most: int) -> tuple[list[ScoreRow], list[ScoreRow]]:
    """The rows with the highest scores and those with the lowest, from the outside in; none is on both sides.

    Args:
        rows: The table.
        most: Most rows of a side.
    """
    scores = rows.numbers("score")
    n = int((~np.isnan(scores)).sum())
    best, worst = min(most, (n + 1) // 2), min(most, n // 2)
    highest = _end(rows.ids, scores, -scores, best)[:best]
    lowest = _end(rows.ids, scores, scores, worst)[::-1][:worst]
    return [rows[place] for place in highest], [rows[place] for place in lowest]


def _end(ids: IdArray, scores: FloatArray, keys: FloatArray, n: int) -> list[int]:
    """The places of the n smallest keys and of those that tie with the last, from the highest score down."""
    if not n:
        return []
    known = np.flatnonzero(~np.isnan(keys))
    some = known[keys[known] <= np.partition(keys[known], n - 1)[n - 1]]
    found: list[int] = some[np.lexsort((ids[some], -scores[some]))].tolist()
    return found


def reasons_of(rows: ScoreTable, status: RowStatus) -> Counter[str]:
    """How often each reason stands for this status, in the order in which they first come."""
    places = np.flatnonzero(rows.statuses == STATUSES.index(status)).tolist()
    return Counter(row.reason for row in rows.at(places))


def cut_to_limits(found: Mapping[str, Contribution]) -> int:
    """How many scored candidates were cut to a token limit."""
    if isinstance(found, AloneContributions):
        return sum("truncated" in reason for place, reason in found.reasons.items() if place not in found.failed)
    return sum("truncated" in one.reason for one in found.values() if one.status == Status.OK)


def both_scores(
    ours: Mapping[str, Contribution], theirs: Mapping[str, Contribution]
) -> tuple[IdArray, FloatArray, FloatArray]:
    """Ids and scores of the candidates that have both, in the order of the first."""
    ids, own = _columns(ours)
    others, given = _columns(theirs)
    places = Places(others).of(ids)
    other = np.append(given, np.nan)[places]  # behind the last one is that of a candidate that has none
    both: NDArray[np.bool_] = ~np.isnan(own) & ~np.isnan(other)
    if both.all():
        return ids, own, other
    return ids[both], own[both], other[both]


def in_both_tops(ids: IdArray, ours: FloatArray, theirs: FloatArray, n: int) -> int:
    """How many candidates are among the best n of both scores, equal scores in the order of their ids."""
    by_id = Places(ids).in_order
    tops = np.zeros((2, len(ids)), dtype=np.bool_)
    for top, scores in zip(tops, (ours, theirs), strict=True):
        top[best_first(scores, by_id)[:n]] = True
    return int(tops.all(axis=0).sum())


def _columns(found: Mapping[str, Contribution]) -> tuple[IdArray, FloatArray]:
    if isinstance(found, AloneContributions):
        return found.ids, found.scores
    scores = [np.nan if one.score is None else one.score for one in found.values()]
    return id_array(found), np.array(scores, dtype=np.float64)


def source_facts(rows: ScoreTable) -> tuple[SourceFacts, ...]:
    """The facts per source, in the order in which the sources come in the pool; empty with one source.

    Args:
        rows: Every row of the pool.
    """
    if not rows.has("source"):
        return ()
    names = [name for name in pc.unique(rows.texts("source")).to_pylist() if name]
    codes = rows.codes("source", ["", *names])
    return tuple(_of_source(name, rows, codes == number) for number, name in enumerate(names, 1))


def _of_source(source: str, rows: ScoreTable, own: NDArray[np.bool_]) -> SourceFacts:
    """The facts of one source, to which these rows belong."""
    scores = rows.numbers("score")[own]
    known = scores[~np.isnan(scores)].tolist()
    return SourceFacts(
        source=source,
        rows=int(own.sum()),
        candidates=int((rows.are_candidates & own).sum()),
        scored=len(known),
        selected=int((rows.selected & own).sum()),
        mean_score=sum(known) / len(known) if known else None,
    )
