"""Tables to the bytes of a Parquet file, and back, whole or as a stream of row groups.

Files are read into Arrow's own memory. Arrow's threads may release what they read as late as Python's shutdown; were
that a Python object, the process would abort.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq

from icon.runs.regular import open_regular

if TYPE_CHECKING:
    from typing_extensions import Buffer

MOST_IN_MEMORY = 64_000_000
"""Bytes of a file that are read at once; of a larger one, as much as is asked for."""


class Sink(Protocol):
    """A file that is open for writing."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""
        ...


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def file_bytes(path: Path) -> pa.Buffer:
    """The bytes of a whole file.

    Raises:
        OSError: It cannot be read.
    """
    with open_regular(path) as file:
        return buffer_of(file)


def buffer_of(file: BinaryIO) -> pa.Buffer:
    """The bytes of an open file from its beginning.

    Raises:
        OSError: It cannot be read, or became shorter meanwhile.
    """
    data = pa.allocate_buffer(file.seek(0, 2))
    file.seek(0)
    if cast(io.BufferedIOBase, file).readinto(memoryview(data)) != data.size:
        raise OSError("it became shorter while it was read")
    return data


def table_of(data: pa.Buffer) -> pa.Table:
    """The table that a Parquet file holds.

    Raises:
        OSError: They are not the bytes of a Parquet file.
        pyarrow.ArrowException: The file is damaged.
    """
    with parquet_of(pa.BufferReader(data)) as file:  # read_table would import pandas
        return file.read(use_threads=False)


def parquet_of(source: pa.NativeFile) -> pq.ParquetFile:
    """A Parquet file, open.

    Raises:
        OSError: They are not the bytes of a Parquet file.
        pyarrow.ArrowException: The file is damaged.
    """
    try:
        file = pq.ParquetFile(source)
        _ = file.schema_arrow.names
    except UnicodeDecodeError as error:
        raise pa.ArrowInvalid(f"a column's name is no UTF-8 ({error})") from None
    return file


def source_of(file: BinaryIO, path: Path) -> pa.NativeFile:
    """What Arrow reads of an open file: its bytes; of a large one that still has its name, the file itself.

    Args:
        file: The file, open.
        path: Its name.

    Raises:
        OSError: It cannot be read.
    """
    known = os.fstat(file.fileno())
    if known.st_size > MOST_IN_MEMORY:
        large = pa.OSFile(str(path))
        found = os.fstat(large.fileno())
        if (found.st_dev, found.st_ino) == (known.st_dev, known.st_ino):
            return large
    return pa.BufferReader(buffer_of(file))


class ParquetSink(io.RawIOBase):
    """A file for Arrow to write to, which stays open.

    Args:
        file: Takes the bytes.
    """

    def __init__(self, file: Sink) -> None:
        self._file = file

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Buffer) -> int:
        """Append bytes."""
        given = bytes(data)
        self._file.write(given)
        return len(given)


@contextmanager
def parquet_writer(file: Sink, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Writes tables to an open file as row groups, each as `parquet_bytes` writes it.

    Args:
        file: Takes the bytes.
        schema: That of every table.
    """
    sink = pa.PythonFile(ParquetSink(file), mode="w")
    with sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        yield writer
