"""selected.jsonl and dropped.jsonl: the user's own records, byte for byte where they came as JSON lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from icon.runs.atomic import atomic
from icon.runs.directory import RunDirectory
from icon.runs.plain_json import to_json
from icon.runs.scores import ScoreRow


class PoolRecord(Protocol):
    """A record of the pool as the reader gives it."""

    @property
    def row(self) -> int:
        """Zero-based number in the pool."""
        ...

    @property
    def fields(self) -> dict[str, Any] | None:
        """The parsed record; None for a row that could not be read."""
        ...

    @property
    def raw(self) -> bytes | None:
        """The exact bytes of a JSON line; None for other formats."""
        ...


def write_outputs(directory: RunDirectory, records: Iterable[PoolRecord], rows: Iterable[ScoreRow]) -> tuple[int, int]:
    """Split the pool by its decisions; gives the number of records selected and dropped.

    A record with several candidate turns is selected if one of them is. A row that could not be read has no record to
    hand on: it goes to dropped.jsonl as its row number and reason alone.
    """
    decisions: dict[int, list[ScoreRow]] = defaultdict(list)
    for each in rows:
        decisions[each.row].append(each)
    n_selected = n_dropped = 0
    with atomic(directory.selected) as selected, atomic(directory.dropped) as dropped:
        for record in records:
            found = decisions.get(record.row, [])
            if any(each.selected for each in found):
                selected.write(_own(record) + b"\n")
                n_selected += 1
            else:
                dropped.write(_with_decision(record, found) + b"\n")
                n_dropped += 1
    return n_selected, n_dropped


def _own(record: PoolRecord) -> bytes:
    return record.raw.strip() if record.raw is not None else to_json(record.fields)


def _with_decision(record: PoolRecord, rows: list[ScoreRow]) -> bytes:
    """The record with one more field, `icon`, appended behind the user's own bytes."""
    best = min(rows, key=lambda each: (each.rank is None, each.rank or 0), default=None)
    told: dict[str, Any] = {"row": record.row}
    if best is not None:
        told |= {"id": best.id, "status": best.status, "score": best.score, "rank": best.rank, "reason": best.decision}
    if record.fields is None:
        return to_json({"icon": told})
    own = _own(record)
    name = _free_name(record.fields)
    comma = b", " if record.fields else b""
    return own[:-1] + comma + f'"{name}": '.encode() + to_json(told) + b"}"


def _free_name(fields: Mapping[str, Any]) -> str:
    """`icon`, or `icon_2`, ... where the user's record has such a field already."""
    name, n = "icon", 1
    while name in fields:
        n += 1
        name = f"icon_{n}"
    return name
