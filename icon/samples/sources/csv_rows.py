"""Records of a CSV file with a header row, read one by one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from icon.errors import InputError
from icon.samples.bounds import MAX_COLUMNS
from icon.samples.rows import FieldFault, Record, faulty
from icon.samples.sources._csv_lines import Lines
from icon.samples.streams import reading

if TYPE_CHECKING:
    from _csv import Reader


def read(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per row; `where` names the lines that it takes. Every value is text.

    Raises:
        InputError: The file cannot be read, is truncated, or has no usable header.
    """
    with reading(path) as stream:
        # Bytes that are not UTF-8 become surrogates, so that they are a fault of their row rather than of the file.
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        lines = Lines(text, limit)
        rows = csv.reader(lines, strict=True)
        header = _header(path, rows, lines, limit)
        row = 0
        while True:
            first = lines.number + 1
            try:
                cells = _next(rows, lines, limit)
                if cells is None:
                    return
                if not cells:  # a blank line
                    continue
                fields = _fields(header, cells)
                size = sum(map(len, cells))
                record = Record(row, _where(first, lines.number), fields, size=size)
            except FieldFault as fault:
                record = faulty(row, _where(first, lines.number), fault)
            yield record
            row += 1


def _where(first: int, last: int) -> str:
    return f"line {first}" if last <= first else f"lines {first} to {last}"


def _next(rows: Reader, lines: Lines, limit: int) -> list[str] | None:
    """The next row's cells, or None at the end.

    The csv module's field limit is global to the process, so it is changed for this step alone.
    """
    before, first = csv.field_size_limit(limit), lines.number + 1
    lines.start_row()
    try:
        return next(rows, None)
    except csv.Error as error:
        lines.pass_over()
        taken = lines.number - first
        of_quote = f"; a quote that opens on line {first} takes in the {taken} after it" if taken > 0 else ""
        found = f"broken CSV, {error}{of_quote}"
        raise FieldFault(
            "", found, f"quotes closed and doubled within, fields of at most {limit:,} characters"
        ) from None
    finally:
        csv.field_size_limit(before)


def _header(path: Path, rows: Reader, lines: Lines, limit: int) -> list[str]:
    try:
        names = _next(rows, lines, limit)
    except FieldFault as fault:
        raise InputError(
            f"{path}: line 1: found {fault.found}; valid: a header row with the names of the columns"
        ) from None
    if not names or not any(name.strip() for name in names):
        found = "a blank first line" if names is not None else "an empty file"
        raise InputError(f"{path}: found {found}; valid: a header row with the names of the columns")
    names = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    if any(_bad_byte(name) for name in names):
        raise InputError(f"{path}: line 1: found bytes that are not UTF-8; valid: UTF-8; save the file again as UTF-8")
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{path}: line 1: found {len(names):,} columns; valid: at most {MAX_COLUMNS:,}")
    if twice := sorted(name for name, n in Counter(names).items() if n > 1):
        raise InputError(
            f"{path}: line 1: found the column {twice[0][:80]!r} twice; valid: a header row of distinct names"
        )
    return names


def _fields(header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(header):
        names = ", ".join(header[:100])[:300]
        raise FieldFault("", f"{len(cells)} cells", f"{len(header)}, as the header has ({names})")
    for name, cell in zip(header, cells, strict=True):
        if found := _bad_byte(cell):
            raise FieldFault(name, found, "UTF-8 text")
    return dict(zip(header, cells, strict=True))


def _bad_byte(cell: str) -> str:
    try:
        cell.encode()
    except UnicodeEncodeError as error:
        byte = ord(cell[error.start]) - 0xDC00
        offset = len(cell[: error.start].encode())
        return f"byte 0x{byte:02x} at byte offset {offset} of the field, which is not UTF-8"
    return ""
