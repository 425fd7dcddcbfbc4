"""Data sets that the `datasets` library reads: folders written by save_to_disk, and names on the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.samples.rows import Record
from icon.samples.sources.arrow_rows import BATCH, records_of


def read(source: str, split: str) -> Iterator[Record]:
    """Yield a record a row, as stored: images and sounds in other columns are not decoded.

    Raises:
        InputError: The data set cannot be found or loaded, or has no such split.
    """
    yield from records_of(open_split(source, split).with_format("arrow").iter(batch_size=BATCH))


def fingerprint(source: str, split: str) -> str:
    """The fingerprint of the split.

    Raises:
        InputError: As `read`.
    """
    return str(open_split(source, split)._fingerprint)


def open_split(source: str, split: str) -> Any:
    """The split as a `datasets.Dataset`.

    Raises:
        InputError: As `read`.
    """
    import datasets
    import pyarrow as pa
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined,unused-ignore]  # the HTTP client's own

    local = Path(source).is_dir()
    try:
        found = datasets.load_from_disk(source) if local else datasets.load_dataset(source, split=split)
    except (
        *(OSError, ValueError, TypeError, LookupError, RuntimeError),
        *(datasets.exceptions.DatasetsError, pa.ArrowException, HTTPError),
    ) as error:
        raise InputError(_failure(source, split, local, error)) from None
    if not isinstance(found, dict):
        return found
    if split not in found:
        raise InputError(f"{source}: has no split {split!r}; valid: {', '.join(found)} (--split)")
    return found[split]


def _failure(source: str, split: str, local: bool, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    if local:
        return (
            f"{source}: a folder that holds no data set saved with datasets' save_to_disk ({reason}); name a file in it"
        )
    return (
        f"{source}: no file or folder of that name, and loading it from the hub (split {split!r}) failed: {reason}\n"
        "Check the name and the split, or give a local file (.jsonl, .json, .csv, .parquet) or saved folder."
    )
