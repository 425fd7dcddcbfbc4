"""selected.jsonl and dropped.jsonl: the records of the pool, written unchanged, and read back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any, Literal, Protocol

from icon.errors import RunError
from icon.runs.checksums import Covered
from icon.runs.directory import RunDirectory
from icon.runs.ledger import open_checked
from icon.runs.manifest import Manifest
from icon.runs.writing import atomic, to_json
from icon.types import ScoreRow

Which = Literal["selected", "dropped", "all"]


class PoolRecord(Protocol):
    """A record of the pool as it was read."""

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


class Sink(Protocol):
    """A file that is open for writing."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""
        ...


def write_outputs(directory: RunDirectory, records: Iterable[PoolRecord], rows: Iterable[ScoreRow]) -> tuple[int, int]:
    """Write the pool's records to selected.jsonl and dropped.jsonl by their decisions.

    A record with several candidate turns is selected if one of them is. A row that could not be read has
    no record: dropped.jsonl has its row number and reason alone.

    Returns:
        The numbers of records selected and dropped.
    """
    with atomic(directory.selected) as selected, atomic(directory.dropped) as dropped:
        return write_records(selected, dropped, records, rows)


def write_records(
    selected: Sink, dropped: Sink, records: Iterable[PoolRecord], rows: Iterable[ScoreRow]
) -> tuple[int, int]:
    """Write the pool's records to two open files by their decisions; see `write_outputs`."""
    decisions: dict[int, list[ScoreRow]] = defaultdict(list)
    for row in rows:
        decisions[row.row].append(row)
    n_selected = n_dropped = 0
    for record in records:
        turns = decisions.get(record.row, [])
        if any(turn.selected for turn in turns):
            selected.write(_own(record) + b"\n")
            n_selected += 1
        else:
            dropped.write(_with_decision(record, turns) + b"\n")
            n_dropped += 1
    return n_selected, n_dropped


def _own(record: PoolRecord) -> bytes:
    return record.raw.strip() if record.raw is not None else to_json(record.fields)


def _with_decision(record: PoolRecord, rows: list[ScoreRow]) -> bytes:
    """The record with one more field, `icon`, appended to the user's own bytes."""
    best = min(rows, key=lambda row: (row.rank is None, row.rank or 0), default=None)
    decision: dict[str, Any] = {"row": record.row}
    if best is not None:
        decision |= {"id": best.id, "status": best.status, "score": best.score, "rank": best.rank}
        decision["reason"] = best.decision
    if record.fields is None:
        return to_json({"icon": decision})
    own = _own(record)
    name = _free_name(record.fields)
    comma = b", " if record.fields else b""
    return own[:-1] + comma + f'"{name}": '.encode() + to_json(decision) + b"}"


def _free_name(fields: Mapping[str, Any]) -> str:
    """The name of the new field: `icon`, or `icon_2`, ... where the user's record has such a field."""
    name, n = "icon", 1
    while name in fields:
        n += 1
        name = f"icon_{n}"
    return name


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record of the pool.

    Attributes:
        row: Zero-based number in the pool.
        raw: Its JSON: the user's bytes where the pool is JSON lines.
        fields: The same, parsed; None for a row that could not be read, whose record is not kept.
    """

    row: int
    raw: bytes
    fields: dict[str, Any] | None


def read_records(
    directory: RunDirectory, rows: Sequence[ScoreRow], which: Which, manifest: Manifest | None = None
) -> Iterator[KeptRecord]:
    """The selected records, the dropped ones, or all of them, in the order of the pool.

    Args:
        directory: A finished run.
        rows: Its scores.parquet.
        which: "selected", "dropped" or "all".
        manifest: Its run.json, with whose digests the files are compared; None to compare only with the rows.

    Raises:
        RunError: A file is missing, or does not hold the records that scores.parquet names.
    """
    chosen = {row.row for row in rows if row.selected}
    others = {row.row for row in rows} - chosen
    parts = []
    if which != "dropped":
        parts.append(_records(_lines(directory, manifest, "selected.jsonl"), directory.selected, chosen, _selected))
    if which != "selected":
        parts.append(_records(_lines(directory, manifest, "dropped.jsonl"), directory.dropped, others, _dropped))
    return merge(*parts, key=lambda record: record.row)


def _lines(directory: RunDirectory, manifest: Manifest | None, name: Covered) -> Iterator[bytes]:
    path = directory.path / name
    try:
        with path.open("rb") if manifest is None else open_checked(directory, manifest, name) as file:
            yield from file
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); to write it again: {_again(path)}") from None


def _records(
    lines: Iterable[bytes], path: Path, numbers: Iterable[int], read: Callable[[int, bytes], KeptRecord]
) -> Iterator[KeptRecord]:
    rows = sorted(numbers)
    n_read = 0
    for line in lines:
        if n_read == len(rows):
            raise _changed(path, f"more than the {len(rows):,} records that scores.parquet has")
        try:
            record = read(rows[n_read], line.removesuffix(b"\n"))
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            raise _changed(path, f"line {n_read + 1} is not as the run wrote it") from None
        yield record
        n_read += 1
    if n_read < len(rows):
        raise _changed(path, f"{n_read:,} records, and scores.parquet has {len(rows):,}")


def _selected(row: int, line: bytes) -> KeptRecord:
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise TypeError(type(fields).__name__)
    return KeptRecord(row, line, fields)


def _dropped(row: int, line: bytes) -> KeptRecord:
    """The record without the field that `_with_decision` appended."""
    fields = json.loads(line)
    name, decision = fields.popitem()
    if decision["row"] != row:
        raise ValueError(decision["row"])
    if not fields:  # a row that could not be read, or an empty object
        return KeptRecord(row, b"", None)
    end = b", " + json.dumps(name).encode() + b": " + to_json(decision) + b"}"
    if not line.endswith(end):
        raise ValueError(name)
    return KeptRecord(row, line.removesuffix(end) + b"}", fields)


def _changed(path: Path, found: str) -> RunError:
    return RunError(f"{path}: was changed after the run: found {found}; to write it again: {_again(path)}")


def _again(path: Path) -> str:
    return f"icon select {path.parent}"
