"""Parquet files, read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from icon.errors import InputError
from icon.samples.rows import Record
from icon.samples.sources.arrow_rows import BATCH, records_of


def read(path: Path, limit: int) -> Iterator[Record]:
    """Yield a record a row; `limit` has no use here, the file says its sizes itself.

    Raises:
        InputError: The file is no Parquet file, or is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield from records_of(file.iter_batches(batch_size=BATCH))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None
