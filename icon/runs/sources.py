"""What a run came to per source of its pool, where there are several."""

from __future__ import annotations

from icon.runs.records import Record


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
