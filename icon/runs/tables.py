"""Tables as the bytes of a Parquet file, and back.

What is read lies in Arrow's own memory. Arrow's threads let go of what they read when they please: of a Python object
even while Python shuts down, and then the process aborts.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def file_bytes(path: Path) -> pa.Buffer:
    """A whole file.

    Raises:
        OSError: It cannot be read.
    """
    with pa.OSFile(str(path)) as file:
        return file.read_buffer()


def table_of(data: pa.Buffer) -> pa.Table:
    """The table that a Parquet file holds.

    Raises:
        OSError: These are not the bytes of one.
        pyarrow.ArrowException: They are damaged.
    """
    return pq.read_table(pa.BufferReader(data), use_threads=False)
