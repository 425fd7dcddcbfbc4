"""What a run came to per source of its pool, where there are several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from icon.runs.records import Record
from icon.types import ScoreRow


class SourceFacts(Record):
    """What became of the rows of one source.

    Attributes:
        source: The address of the user, or the name that the records give.
        rows: Number of its rows: of its samples, and of records that could not be read.
        candidates: How many of them are candidates.
        scored: How many of these have a score.
        selected: How many are selected.
        mean_score: Mean score of those with one; None where there is none.
    """

    source: str
    rows: int
    candidates: int
    scored: int
    selected: int
    mean_score: float | None = None


def source_facts(rows: Iterable[ScoreRow]) -> tuple[SourceFacts, ...]:
    """The facts per source, in the order in which the sources come in the pool; empty with one source.

    Args:
        rows: Every row of the pool.
    """
    ordered = sorted((row for row in rows if row.source), key=lambda row: (row.source, row.row))
    groups = [list(found) for _, found in groupby(ordered, key=lambda row: row.source)]
    return tuple(_facts(group) for group in sorted(groups, key=lambda group: group[0].row))


def _facts(rows: Sequence[ScoreRow]) -> SourceFacts:
    scores = [row.score for row in rows if row.score is not None]
    return SourceFacts(
        source=rows[0].source,
        rows=len(rows),
        candidates=sum(row.status.is_candidate for row in rows),
        scored=len(scores),
        selected=sum(row.selected for row in rows),
        mean_score=sum(scores) / len(scores) if scores else None,
    )
