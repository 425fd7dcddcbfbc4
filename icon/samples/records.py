"""Records of a source that the user names: files, saved data sets or hub names, one or several."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.samples._source_names import source_names
from icon.samples.addresses import Piece, named, pieces_of
from icon.samples.bounds import MAX_BYTES_PER_ROW
from icon.samples.kinds import kind_of
from icon.samples.rows import FieldFault, Record
from icon.samples.sources import arrow_again, arrow_rows, csv_rows, json_arrays, json_rows
from icon.samples.streams import COMPRESSED, BrokenStream

__all__ = [
    "FieldFault",
    "Record",
    "all_records",
    "copied_records",
    "iter_records",
    "piece_records",
    "records_again",
    "same_source",
    "source_digest",
]

AnyRecord = TypeVar("AnyRecord", Record, json_rows.Line)

_BLOCK = 65_536
"""Numbers of rows that are Python's at once."""

FILES: dict[str, Callable[[Path, int], Iterator[Record]]] = {
    ".jsonl": json_rows.read_lines,
    ".ndjson": json_rows.read_lines,
    ".json": json_arrays.read_array,
    ".csv": csv_rows.read,
    ".parquet": arrow_rows.read_parquet,
}


def iter_records(
    source: str | Sequence[str], *, split: str = "train", max_bytes_per_row: int = MAX_BYTES_PER_ROW
) -> Iterator[Record]:
    """The records of files or data sets, in order, streamed where the format allows it.

    A file is never in memory as a whole. A row that cannot be read is yielded as a record with a fault, and the rows
    after it follow. Rows are counted over all files.

    Args:
        source: Path of a file, glob, folder of files or folder saved by `datasets`, name of a data set on the hub
            (`owner/name:config@revision`), or another address; or several of them.
        split: Which split of a data set that has several; ignored for files.
        max_bytes_per_row: Rows longer than this are faults and are not kept in memory; in a JSON array they are an
            error, since what follows cannot be distinguished.

    Raises:
        InputError: The source is missing, of no known kind, empty, or broken as a whole. A truncated source
            raises it after its last whole record.
    """
    yield from all_records(source, pieces_of(source, split), split, max_bytes_per_row)


def all_records(
    source: str | Sequence[str], pieces: Sequence[Piece], split: str, limit: int = MAX_BYTES_PER_ROW
) -> Iterator[Record]:
    """The records of the pieces of a source; with several sources each has the one that it comes from (`source_names`).

    Raises:
        InputError: As `iter_records`.
    """
    n_rows = 0
    for number, (piece, name) in enumerate(zip(pieces, source_names(pieces), strict=True)):
        start = n_rows
        for record in piece_records(piece, split, limit):
            n_rows += 1
            yield record if len(pieces) == 1 else _placed(record, piece, number, start, name)
    if not n_rows:
        raise InputError(f"{named(source)}: has no records; valid: at least one")


def copied_records(source: str | Sequence[str], *, split: str = "train") -> Iterator[Record | json_rows.Line]:
    """The records of a source in order, to be copied; lines of JSON are parsed when their fields are asked for.

    Raises:
        InputError: As `iter_records`.
    """
    n_rows = 0
    for number, piece in enumerate(pieces_of(source, split)):
        path, start = Path(piece.place), n_rows
        if piece.is_file and FILES[kind_of(path)[0]] is json_rows.read_lines:
            for line in _until_it_breaks(json_rows.read_unparsed(path, MAX_BYTES_PER_ROW, start), start):
                n_rows += 1
                yield line
            continue
        for record in piece_records(piece, split):
            n_rows += 1
            yield _placed(record, piece, number, start, "")
    if not n_rows:
        raise InputError(f"{named(source)}: has no records; valid: at least one")


def records_again(
    pieces: Sequence[Piece],
    starts: Sequence[int],
    split: str,
    rows: NDArray[np.int64],
    offsets: NDArray[np.int64],
    limit: int = MAX_BYTES_PER_ROW,
) -> Iterator[Record]:
    """The records of these rows of a source alone, read again: by their place where the kind of file allows it.

    Args:
        pieces: The files and data sets of the source.
        starts: The first row of each, counted over all of them.
        split: Which split of a data set.
        rows: The rows, ascending.
        offsets: Byte at which each begins in its file, or -1 (`Record.offset`).
        limit: Longest row.

    Raises:
        InputError: A piece cannot be read.
    """
    bounds = [*np.searchsorted(rows, starts).tolist(), len(rows)]
    for number, (piece, name) in enumerate(zip(pieces, source_names(pieces), strict=True)):
        here = slice(bounds[number], bounds[number + 1])
        if here.start == here.stop:
            continue
        for record in _rows_of_piece(piece, split, rows[here] - starts[number], offsets[here], limit):
            yield record if len(pieces) == 1 else _placed(record, piece, number, starts[number], name)


def _rows_of_piece(
    piece: Piece, split: str, rows: NDArray[np.int64], offsets: NDArray[np.int64], limit: int
) -> Iterator[Record]:
    if not piece.is_file:
        return arrow_again.data_set_rows(piece.place, split, rows)
    path = Path(piece.place)
    if kind_of(path) == (".parquet", ""):
        return arrow_again.parquet_rows(path, rows)
    if offsets[0] >= 0:
        return json_rows.read_at(path, zip(_numbers(rows), _numbers(offsets), strict=True), limit)
    return _wanted(piece_records(piece, split, limit), rows)


def _wanted(records: Iterator[Record], rows: NDArray[np.int64]) -> Iterator[Record]:
    """Those of these rows, as records pass; what comes after the last is not read."""
    numbers = _numbers(rows)
    row = next(numbers, None)
    for record in records:
        if row is None:
            return
        if record.row == row:
            yield record
            row = next(numbers, None)


def _numbers(values: NDArray[np.int64]) -> Iterator[int]:
    for start in range(0, len(values), _BLOCK):
        yield from values[start : start + _BLOCK].tolist()


def _placed(record: Record, piece: Piece, number: int, start: int, source: str) -> Record:
    """The record of one of several files, as one of them all."""
    row, where = start + record.row, f"{piece.name}: {record.where}"
    fault = None if record.fault is None else replace(record.fault, row=row, where=where)
    return Record(row, where, record.fields, record.raw, fault, record.size, source, record.offset, number)


def piece_records(piece: Piece, split: str, limit: int = MAX_BYTES_PER_ROW) -> Iterator[Record]:
    """The records of one file or data set, counted from 0.

    Raises:
        InputError: It cannot be read.
    """
    if not piece.is_file:
        return arrow_rows.read_data_set(piece.place, split)
    path = Path(piece.place)
    records = FILES[kind_of(path)[0]](path, limit)
    return _until_it_breaks(records) if path.suffix.lower() in COMPRESSED else records


def _until_it_breaks(records: Iterator[AnyRecord], start: int = 0) -> Iterator[AnyRecord]:
    """The same records, counted from `start`; the error of a file that breaks off has the last row."""
    row = start - 1
    try:
        for record in records:
            row = record.row
            yield record
    except BrokenStream as error:
        raise error.behind(row - start) from None


def source_digest(source: str | Sequence[str], *, split: str = "train") -> str:
    """Sha256 of a file's bytes on disk, in hex; of a data set, see `arrow_rows.digest`.

    Of several it is that of their digests, in order, whatever their names.

    Raises:
        InputError: As `iter_records`.
    """
    digests = [_digest(piece, split) for piece in pieces_of(source, split)]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def _digest(piece: Piece, split: str) -> str:
    if not piece.is_file:
        return arrow_rows.digest(piece.place, split)
    try:
        with Path(piece.place).open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{piece.name}: cannot be read: {error.strerror}") from None


def same_source(found: str, noted: str) -> bool:
    """Whether a digest is the one that was noted; earlier versions noted the fingerprint of a folder alone."""
    return found == noted or found.endswith(f"-{noted}")
