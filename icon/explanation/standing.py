"""Where a row stands among the others: what scores.parquet says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from icon.runs.scores import ScoreRow


def standing(rows: Sequence[ScoreRow], row: ScoreRow) -> dict[str, Any]:
    """Status, decision, score and ranks, as plain data; None or empty for what the row does not have.

    `rank` is the selector's, over all candidates; `score_rank` is by the score alone, over those that have one; a
    baseline's rank is over the candidates that it measured. Equal values have the same rank.
    """
    return {
        "status": row.status,
        "reason": row.reason,
        "selected": row.selected,
        "decision": row.decision,
        "rank": _place(row.rank, (each.rank for each in rows), highest_first=False),
        "score": _score(row),
        "score_rank": _place(row.score, (each.score for each in rows)),
        "probability": row.probability,
        "groups": dict(row.groups),
        "baselines": {
            name: {"value": value, **(_place(value, (each.baselines.get(name) for each in rows)) or {})}
            for name, value in row.baselines.items()
        },
    }


def _score(row: ScoreRow) -> dict[str, Any] | None:
    if row.score is None:
        return None
    names = ("standard_error", "low", "high", "margin", "decided", "n_assessed", "log_gain", "consistency", "coverage")
    return {"value": row.score} | {name: getattr(row, name) for name in names}


def _place(value: float | None, values: Iterable[float | None], *, highest_first: bool = True) -> dict[str, int] | None:
    """Rank of a value, counted from 1, and of how many."""
    if value is None:
        return None
    known = [each for each in values if each is not None]
    before = sum(each > value if highest_first else each < value for each in known)
    return {"rank": before + 1, "of": len(known)}
