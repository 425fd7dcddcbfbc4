"""selected.jsonl and dropped.jsonl read back: the pool's records as they came, each with its row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from icon.errors import RunError
from icon.runs.directory import RunDirectory
from icon.runs.plain_json import to_json

if TYPE_CHECKING:
    from icon.runs.scores import ScoreRow

Which = Literal["selected", "dropped", "all"]


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record of the pool.

    Attributes:
        row: Zero-based number in the pool.
        raw: Its JSON: the user's bytes where the pool is JSON lines.
        fields: The same, parsed; None for a row that could not be read, of which nothing is kept.
    """

    row: int
    raw: bytes
    fields: dict[str, Any] | None


def read_records(directory: RunDirectory, rows: Sequence[ScoreRow], which: Which) -> Iterator[KeptRecord]:
    """The selected records, the dropped ones, or all of them, in the order of the pool.

    Args:
        directory: A finished run.
        rows: Its scores.parquet.
        which: Which of them.

    Raises:
        RunError: A file is missing, or does not hold the records that scores.parquet names.
    """
    chosen = {each.row for each in rows if each.selected}
    others = {each.row for each in rows} - chosen
    parts = []
    if which != "dropped":
        parts.append(_records(directory.selected, sorted(chosen), _selected))
    if which != "selected":
        parts.append(_records(directory.dropped, sorted(others), _dropped))
    return merge(*parts, key=lambda each: each.row)


def _records(path: Path, rows: Sequence[int], read: Callable[[int, bytes], KeptRecord]) -> Iterator[KeptRecord]:
    found = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if found == len(rows):
                    raise _changed(path, f"more than the {len(rows):,} records that scores.parquet has")
                try:
                    record = read(rows[found], line.removesuffix(b"\n"))
                except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
                    raise _changed(path, f"line {found + 1} is not as the run wrote it") from None
                yield record
                found += 1
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); to write it again: {_again(path)}") from None
    if found < len(rows):
        raise _changed(path, f"{found:,} records, and scores.parquet has {len(rows):,}")


def _selected(row: int, line: bytes) -> KeptRecord:
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise TypeError(type(fields).__name__)
    return KeptRecord(row, line, fields)


def _dropped(row: int, line: bytes) -> KeptRecord:
    """The record without the field that `runs.outputs` put behind it."""
    fields = json.loads(line)
    name, told = fields.popitem()
    if told["row"] != row:
        raise ValueError(told["row"])
    if not fields:  # a row that could not be read, or an empty object, which is as little
        return KeptRecord(row, b"", None)
    end = b", " + json.dumps(name).encode() + b": " + to_json(told) + b"}"
    if not line.endswith(end):
        raise ValueError(name)
    return KeptRecord(row, line.removesuffix(end) + b"}", fields)


def _changed(path: Path, found: str) -> RunError:
    return RunError(f"{path}: was changed after the run: found {found}; to write it again: {_again(path)}")


def _again(path: Path) -> str:
    return f"icon select {path.parent}"
