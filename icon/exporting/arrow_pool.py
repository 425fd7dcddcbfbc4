"""Records of pools whose values have types that JSON does not hold: taken from the pool itself, by row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from icon.exporting.source import RunSource


def is_data_set(pool: Path) -> bool:
    """Whether the pool is a folder saved by `datasets` or a name on the hub."""
    from icon.samples.records import FILES
    from icon.samples.streams import COMPRESSED

    return pool.is_dir() or not {each.lower() for each in pool.suffixes[-2:]} & {*FILES, *COMPRESSED}


def has_types(pool: Path) -> bool:
    """Whether its values may have types that JSON does not hold."""
    return is_data_set(pool) or pool.suffix.lower() == ".parquet"


def pool_rows(source: RunSource, rows: Sequence[int]) -> pa.Table:
    """These rows of a Parquet pool.

    Raises:
        InputError: The file is gone, cannot be read, or is not the one the run was made from.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _refuse_another(source)
    wanted = pa.array(rows, pa.int64())
    parts, start = [], 0
    try:
        with pq.ParquetFile(source.pool) as file:
            for batch in file.iter_batches():
                parts.append(_taken(batch, wanted, start))
                start += batch.num_rows
            return pa.Table.from_batches(parts, file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{source.pool}: cannot be read as Parquet: {error}") from None


def _taken(batch: Any, wanted: Any, start: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
    return batch.filter(pc.is_in(numbers, wanted))


def pool_data_set(source: RunSource, rows: Sequence[int]) -> Any:
    """These rows of a saved or hub data set, as a `datasets.Dataset` with the pool's own features.

    Raises:
        InputError: The data set is gone, cannot be read, or is not the one the run was made from.
    """
    from icon.samples.sources.dataset import open_split

    _refuse_another(source)
    return open_split(str(source.pool), source.config.split).select(rows)


def _refuse_another(source: RunSource) -> None:
    from icon.samples.records import source_digest

    noted = source.pool_input.digest
    advice = "its records keep their types in the pool alone; another format, such as trl, needs it no more"
    try:
        found = source_digest(str(source.pool), split=source.config.split)
    except InputError as error:
        raise InputError(f"{error}\n{advice}") from None
    if found != noted:
        raise InputError(f"{source.pool}: is not the pool of the run any more (digest {found}, then {noted}); {advice}")
