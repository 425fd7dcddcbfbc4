"""selected.jsonl and dropped.jsonl: the records of the pool, written unchanged, and read back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from icon.errors import RunError
from icon.runs.checksums import Covered
from icon.runs.directory import RunDirectory
from icon.runs.dropped import HasRow, PoolRecord, Turn, own, with_decision
from icon.runs.kept import Keeps, Which
from icon.runs.ledger import open_checked
from icon.runs.manifest import Manifest
from icon.runs.scores import as_table
from icon.runs.tables import Sink
from icon.runs.writing import atomic, to_json
from icon.types import ScoreRow

Numbered = TypeVar("Numbered", bound="HasRow")
Of = TypeVar("Of", bound="HasRow")

NOTHING: tuple[float, Iterator[Any]] = (math.inf, iter(()))
"""Number and turns of the record behind the last one."""


def write_outputs(directory: RunDirectory, records: Iterable[PoolRecord], rows: Sequence[ScoreRow]) -> tuple[int, int]:
    """Write the pool's records to selected.jsonl and dropped.jsonl by their decisions.

    A record with several candidate turns is selected if one of them is. A row that could not be read has
    no record: dropped.jsonl has its row number and reason alone.

    Returns:
        The numbers of records selected and dropped.
    """
    with atomic(directory.selected) as selected, atomic(directory.dropped) as dropped:
        return write_records(selected, dropped, records, rows)


def write_records(
    selected: Sink, dropped: Sink | None, records: Iterable[PoolRecord], rows: Sequence[ScoreRow], keeps: Keeps = "full"
) -> tuple[int, int]:
    """Write the pool's records to two open files by their decisions; see `write_outputs`.

    Args:
        selected: Gets the selected records.
        dropped: Gets the others; None where they are not kept.
        records: The records of the pool, in its order.
        rows: The decisions on them, scores.parquet.
        keeps: What is kept of a dropped record.
    """
    n_selected = n_dropped = 0
    for record, turns in decided(records, map(Turn._make, as_table(rows).values(Turn._fields))):
        if any(turn.selected for turn in turns):
            selected.write(own(record) + b"\n")
            n_selected += 1
            continue
        if dropped is not None:
            kept = record if keeps == "full" else KeptRecord(record.row, b"", None)
            dropped.write(with_decision(kept, turns) + b"\n")
        n_dropped += 1
    return n_selected, n_dropped


def decided(records: Iterable[Numbered], rows: Iterable[Of]) -> Iterator[tuple[Numbered, Sequence[Of]]]:
    """Each record with the decisions on its turns; both are in the order of the pool."""
    of_rows = groupby(rows, key=lambda row: row.row)
    number, turns = next(of_rows, NOTHING)
    for record in records:
        while number < record.row:
            number, turns = next(of_rows, NOTHING)
        yield record, list(turns) if number == record.row else []


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record of the pool.

    Attributes:
        row: Zero-based number in the pool.
        raw: Its JSON: the user's bytes where the pool is JSON lines.
        fields: The same, parsed; None for a row whose record is not kept: it could not be read, or the run keeps none.
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
    table = as_table(rows)
    numbers = table.whole("row")
    chosen = np.unique(numbers[table.selected])
    others = np.setdiff1d(numbers, chosen)
    parts: list[Iterator[KeptRecord]] = []
    if which != "dropped":
        parts.append(_records(_lines(directory, manifest, "selected.jsonl"), directory.selected, chosen, _selected))
    if which != "selected" and _keeps(manifest) == "none":
        parts.append(KeptRecord(row, b"", None) for row in others.tolist())
    elif which != "selected":
        parts.append(_records(_lines(directory, manifest, "dropped.jsonl"), directory.dropped, others, _dropped))
    return merge(*parts, key=lambda record: record.row)


def _keeps(manifest: Manifest | None) -> Keeps:
    """What the run keeps of dropped records."""
    stage = None if manifest is None else manifest.stages.select
    return "full" if stage is None else stage.keeps


def _lines(directory: RunDirectory, manifest: Manifest | None, name: Covered) -> Iterator[bytes]:
    path = directory.path / name
    try:
        with path.open("rb") if manifest is None else open_checked(directory, manifest, name) as file:
            yield from file
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); to write it again: {_again(path)}") from None


def _records(
    lines: Iterable[bytes], path: Path, numbers: NDArray[np.int64], read: Callable[[int, bytes], KeptRecord]
) -> Iterator[KeptRecord]:
    rows = numbers.tolist()
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
    """The record without the field that `dropped.with_decision` appended."""
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
