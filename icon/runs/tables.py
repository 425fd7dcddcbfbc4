"""Tables to the bytes of a Parquet file, and back.

Files are read into Arrow's own memory. Arrow's threads may release what they read as late as Python's shutdown; were
that a Python object, the process would abort.
"""

from __future__ import annotations

from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from icon.runs.regular import open_regular


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
    if cast(BufferedIOBase, file).readinto(memoryview(data)) != data.size:
        raise OSError("it became shorter while it was read")
    return data


def table_of(data: pa.Buffer) -> pa.Table:
    """The table that a Parquet file holds.

    Raises:
        OSError: They are not the bytes of a Parquet file.
        pyarrow.ArrowException: The file is damaged.
    """
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:  # read_table would import pandas
            table = file.read(use_threads=False)
        _ = table.schema.names
    except UnicodeDecodeError as error:
        raise pa.ArrowInvalid(f"a column's name is no UTF-8 ({error})") from None
    return table
