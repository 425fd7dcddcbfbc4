"""Bounds on rows of Arrow tables: how many are in memory at once, and what one may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from icon.samples.bounds import CHECKED_FROM, MAX_BYTES_PER_ROW, MAX_VALUES_PER_ROW, too_many_values
from icon.samples.rows import FieldFault

_IN_MEMORY = 256 * 1024 * 1024
_RATIO = 50


def batch_size(metadata: Any, file_size: int, most: int) -> int:
    """How many rows of a Parquet file to decode at once: fewer where each may be as long as its whole group.

    A column of one repeated text takes no more than that text in the file, and that text per row in memory. So the
    rows of a strongly compressed file are taken to be as long as their group. (The sizes of columns are not asked for:
    pyarrow ends the process where a damaged file has wrong statistics.)

    Args:
        metadata: `pyarrow.parquet.FileMetaData`.
        file_size: Bytes of the file.
        most: How many rows otherwise.
    """
    sizes: list[int] = [metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)]
    if sum(sizes) <= _RATIO * file_size:
        return most
    return max(1, min(most, _IN_MEMORY // max(sizes)))


def pieces(batch: Any) -> Iterator[Any]:
    """Slices of a batch or table that take little memory as Python's objects: the batch itself, halves, or rows."""
    if batch.num_rows <= 1 or (batch.nbytes <= CHECKED_FROM and n_values(batch) <= MAX_VALUES_PER_ROW):
        yield batch
        return
    middle = batch.num_rows // 2
    yield from pieces(batch.slice(0, middle))
    yield from pieces(batch.slice(middle))


def row_fault(row: Any) -> FieldFault | None:
    """Why a batch of one row is too much to be read; None where it is not."""
    if row.nbytes > MAX_BYTES_PER_ROW:
        return FieldFault("", f"a row of {row.nbytes:,} bytes", f"at most {MAX_BYTES_PER_ROW:,} bytes")
    return too_many_values() if n_values(row) > MAX_VALUES_PER_ROW else None


def n_values(batch: Any) -> int:
    """How many values there are in all columns, those within lists included."""
    return sum(_n_values(column) for column in batch.columns)


def _n_values(array: Any) -> int:
    """The same of an array: of a list each element counts, of an object each field."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        return sum(map(_n_values, array.chunks))
    kind = array.type
    if pa.types.is_struct(kind):
        return len(array) + sum(map(_n_values, array.flatten()))
    if pa.types.is_map(kind):
        start, end = array.offsets[0].as_py(), array.offsets[-1].as_py()
        return len(array) + sum(_n_values(part.slice(start, end - start)) for part in (array.keys, array.items))
    if hasattr(array, "flatten") and hasattr(kind, "value_type") and not pa.types.is_dictionary(kind):
        return len(array) + _n_values(array.flatten())
    return len(array)
