"""Records of Arrow tables: Parquet files and data sets of the `datasets` library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.samples.rows import FieldFault, Record, faulty

BATCH = 1000


def records_of(batches: Iterable[Any]) -> Iterator[Record]:
    """Yield one record per row of tables or record batches; rows are counted from 0, over all of them."""
    row = 0
    for batch in batches:
        for fields in _rows(batch):
            where = f"row {row}"
            yield faulty(row, where, fields) if isinstance(fields, FieldFault) else Record(row, where, fields)
            row += 1


def _rows(batch: Any) -> Iterable[dict[str, Any] | FieldFault]:
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except (ValueError, OverflowError):  # a value of some row has no Python form: convert row by row to learn which
        return [_row(batch.slice(number, 1)) for number in range(batch.num_rows)]
    return rows


def _row(one: Any) -> dict[str, Any] | FieldFault:
    fields = {}
    for name in one.schema.names:
        try:
            fields[name] = one.column(name).to_pylist()[0]
        except UnicodeDecodeError as error:
            return FieldFault(name, f"bytes that are not UTF-8 at byte offset {error.start}", "UTF-8 text")
        except (ValueError, OverflowError) as error:
            return FieldFault(name, f"a value that cannot be read ({error})", "text")
    return fields


def read_parquet(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per row; `limit` is unused, since the file itself has its sizes.

    Raises:
        InputError: The file is not a Parquet file, or is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield from records_of(file.iter_batches(batch_size=BATCH))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None


def read_data_set(source: str, split: str) -> Iterator[Record]:
    """Yield one record per row, as stored: images and sounds in other columns are not decoded.

    Raises:
        InputError: The data set does not exist, cannot be loaded, or has no such split.
    """
    yield from records_of(open_split(source, split).with_format("arrow").iter(batch_size=BATCH))


def fingerprint(source: str, split: str) -> str:
    """The fingerprint of the split.

    Raises:
        InputError: As `read_data_set`.
    """
    return str(open_split(source, split)._fingerprint)


def open_split(source: str, split: str) -> Any:
    """The split as a `datasets.Dataset`.

    Raises:
        InputError: As `read_data_set`.
    """
    import datasets
    import pyarrow as pa
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined,unused-ignore]  # the HTTP client's own

    local = Path(source).is_dir()
    try:
        loaded = datasets.load_from_disk(source) if local else datasets.load_dataset(source, split=split)
    except (
        *(OSError, ValueError, TypeError, LookupError, RuntimeError),
        *(datasets.exceptions.DatasetsError, pa.ArrowException, HTTPError),
    ) as error:
        raise InputError(_failure(source, split, local, error)) from None
    if not isinstance(loaded, dict):
        return loaded
    if split not in loaded:
        raise InputError(f"{source}: has no split {split!r}; valid: {', '.join(loaded)} (--split)")
    return loaded[split]


def _failure(source: str, split: str, local: bool, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    if local:
        return f"{source}: a folder without a data set saved with datasets' save_to_disk ({reason}); name a file in it"
    return (
        f"{source}: no file or folder of that name, and loading it from the hub (split {split!r}) failed: {reason}\n"
        "Check the name and the split, or give a local file (.jsonl, .json, .csv, .parquet) or saved folder."
    )
