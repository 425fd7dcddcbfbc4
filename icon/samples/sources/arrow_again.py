"""Some rows of Arrow tables, read again by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.samples.rows import Record
from icon.samples.sources._arrow_bounds import batch_size
from icon.samples.sources.arrow_rows import BATCH, open_split, records_of


def parquet_rows(path: Path, wanted: NDArray[np.int64]) -> Iterator[Record]:
    """The records of these rows alone, ascending; row groups without one of them are not read.

    Raises:
        InputError: The file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows, start = batch_size(file.metadata, path.stat().st_size, BATCH), 0
            for group in range(file.metadata.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                here = _between(wanted, start, end)
                if len(here):
                    yield from _chosen(file.iter_batches(batch_size=rows, row_groups=[group]), start, here)
                start = end
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None


def data_set_rows(source: str, split: str, wanted: NDArray[np.int64]) -> Iterator[Record]:
    """The records of these rows of a data set alone, ascending.

    Raises:
        InputError: The data set cannot be loaded, or has no such split.
    """
    batches = open_split(source, split).with_format("arrow").iter(batch_size=BATCH)
    return _chosen(batches, 0, wanted)


def _chosen(batches: Iterable[Any], start: int, wanted: NDArray[np.int64]) -> Iterator[Record]:
    """The records of these rows of batches, of which the first begins at the row `start`; the last ends the reading."""
    for batch in batches:
        end = start + batch.num_rows
        here = _between(wanted, start, end)
        for run in np.split(here, np.flatnonzero(np.diff(here) != 1) + 1):
            if len(run):
                first = int(run[0])
                yield from records_of([batch.slice(first - start, len(run))], first)
        if len(wanted) and end > wanted[-1]:
            return
        start = end


def _between(rows: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    first, last = np.searchsorted(rows, (start, end))
    return rows[first:last]
