"""A record of dropped.jsonl: the user's own bytes with one more field, which says what was decided and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from icon.runs.writing import to_json
from icon.types import RowStatus

OWN_NAME = re.compile(rb'"icon|\\u')
"""What is in a record's bytes where one of its fields may have the name `icon`, or `icon_2`."""


class Turn(NamedTuple):
    """What a dropped record shows of a row of scores.parquet."""

    row: int
    id: str
    status: str
    score: float | None
    rank: int | None
    selected: bool
    decision: str


class HasRow(Protocol):
    """What has its place in the pool."""

    @property
    def row(self) -> int:
        """Zero-based number in the pool."""
        ...


class PoolRecord(HasRow, Protocol):
    """A record of the pool as it was read."""

    @property
    def fields(self) -> dict[str, Any] | None:
        """The parsed record; None for a row that could not be read."""
        ...

    @property
    def raw(self) -> bytes | None:
        """The exact bytes of a JSON line; None for other formats."""
        ...


def own(record: PoolRecord) -> bytes:
    """The record's bytes: those of its line, or its fields as JSON."""
    return record.raw.strip() if record.raw is not None else to_json(record.fields)


def with_decision(record: PoolRecord, rows: Sequence[Turn]) -> bytes:
    """The record with one more field, `icon`, appended to the user's own bytes."""
    best = min(rows, key=lambda row: (row.rank is None, row.rank or 0)) if rows else None
    decision: dict[str, Any] = {"row": record.row}
    if best is not None:
        decision |= {"id": best.id, "status": best.status, "score": best.score, "rank": best.rank}
        decision["reason"] = best.decision
    name, beginning = "icon", b""
    if best is not None and best.status != RowStatus.BAD_ROW and record.raw and not OWN_NAME.search(record.raw):
        beginning = own(record)[:-1]  # its bytes alone say that the name is free
    else:
        fields = record.fields
        if fields is None:
            return to_json({"icon": decision})
        name, beginning = _free_name(fields), own(record)[:-1]
    comma = b"" if beginning.rstrip() == b"{" else b", "
    return beginning + comma + f'"{name}": '.encode() + to_json(decision) + b"}"


def _free_name(fields: Mapping[str, Any]) -> str:
    """The name of the new field: `icon`, or `icon_2`, ... where the user's record has such a field."""
    name, n = "icon", 1
    while name in fields:
        n += 1
        name = f"icon_{n}"
    return name
