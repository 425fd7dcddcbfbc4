"""What became of every row of the pool, by status and reason, with examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from icon.runs.scores import ScoreRow

MOST_KINDS = 15
EXAMPLES = 3
LONGEST = 120
"""Characters of a reason."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(slots=True)
class Kind:
    """Rows of one status with one kind of reason, numbers in it left out.

    Attributes:
        status: In words.
        reason: The decision, with an ellipsis for every number.
        n: How many rows.
        rows: Numbers of the first of them.
    """

    status: str
    reason: str
    n: int = 0
    rows: list[int] = field(default_factory=list)


def kinds(rows: Sequence[ScoreRow]) -> list[Kind]:
    """The kinds of decisions, the largest first; beyond `MOST_KINDS` those of one status are told together."""
    found: dict[tuple[str, str], Kind] = {}
    for each in rows:
        status, reason = each.status.words, _NUMBER.sub("…", each.decision)
        reason = reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…"
        _count(found.setdefault((status, reason), Kind(status, reason)), 1, [each.row])
    ordered = sorted(found.values(), key=lambda each: -each.n)
    others: dict[str, Kind] = {}
    for kind in ordered[MOST_KINDS:]:
        _count(others.setdefault(kind.status, Kind(kind.status, "other reasons")), kind.n, kind.rows)
    return [*ordered[:MOST_KINDS], *others.values()]


def _count(kind: Kind, n: int, rows: Sequence[int]) -> None:
    kind.n += n
    kind.rows += rows[: EXAMPLES - len(kind.rows)] if len(kind.rows) < EXAMPLES else []
