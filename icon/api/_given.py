"""Pools and tasks that are Python objects: written as a file that a run reads like any other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from icon.api._given_lines import named, write_lines
from icon.errors import InputError

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa
    from pandas import DataFrame

    Records = Iterable[Mapping[str, Any]]
    Addresses = str | Path | Iterable[str | Path]
    AnyPool = Addresses | datasets.Dataset | datasets.DatasetDict | DataFrame | pa.Table | Records

VALID = (
    "a file, folder or hub name; a datasets.Dataset; a pandas DataFrame or another table that Arrow reads; or "
    "records, an iterable of dicts"
)

BATCH = 1000
"""Rows of a data set that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Given:
    """An object that holds records.

    Attributes:
        kind: What it is, as the setting `pool` names it: "<list>", "<DataFrame>", "<Dataset>", "<Table>".
        ending: Ending of the file that holds it.
        write: Writes that file; the same object gives the same bytes.
        notes: What of the object the file does not keep.
    """

    kind: str
    ending: str
    write: Callable[[BinaryIO], None]
    notes: tuple[str, ...] = ()

    def digest(self) -> str:
        """SHA-256 of the file, in hex, without writing it.

        Raises:
            InputError: The object holds something that the file cannot.
        """
        sink = _Digest()
        self.write(cast(BinaryIO, sink))
        return sink.hexdigest()


def given(pool: object, split: str = "train") -> Given | str | list[str]:
    """The object as something that can be written; where it is an address, or several, those as text.

    Args:
        pool: What the user gave.
        split: Which split of a DatasetDict.

    Raises:
        InputError: It is neither an address nor an object that holds records.
    """
    if isinstance(pool, str | Path):
        return str(pool)
    if (found := _data_set(pool, split) or _table(pool)) is not None:
        return found
    if isinstance(pool, Mapping) or not isinstance(pool, Iterable):
        raise InputError(f"pool: found {named(pool)}; valid: {VALID}")
    records = list(pool)  # once: an iterator is used up by it
    if records and all(isinstance(record, str | Path) for record in records):
        return [str(address) for address in records]
    return Given("<list>", ".jsonl", lambda file: write_lines(file, records))


def _data_set(pool: object, split: str) -> Given | None:
    """A `datasets.Dataset`, or the split of a DatasetDict; None where it is neither."""
    datasets = sys.modules.get("datasets")
    if datasets is None:
        return None
    if isinstance(pool, datasets.DatasetDict):
        if split not in pool:
            raise InputError(f"pool: has no split {split!r}; valid: {', '.join(pool)} (split=...)")
        pool = pool[split]
    if not isinstance(pool, datasets.Dataset):
        return None
    plain = pool.with_format("arrow")
    schema = pool.features.arrow_schema
    return Given(
        "<Dataset>", ".parquet", lambda file: _write_parquet(file, schema, lambda: plain.iter(batch_size=BATCH))
    )


def _table(pool: object) -> Given | None:
    """A pandas DataFrame, or another table that offers itself to Arrow; None where it is neither."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(pool, pandas.DataFrame):
        return _data_frame(pool)
    if not hasattr(pool, "__arrow_c_stream__"):
        return None
    import pyarrow as pa

    try:
        table = pa.table(pool)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(f"pool: found {named(pool)}, which is no table ({error}); valid: {VALID}") from None
    _refuse_twice(table.column_names)
    return Given("<Table>", ".parquet", lambda file: _write_parquet(file, table.schema, lambda: [table]))


def _data_frame(pool: Any) -> Given:
    import pandas
    import pyarrow as pa

    if not all(isinstance(name, str) for name in pool.columns):
        wrong = next(name for name in pool.columns if not isinstance(name, str))
        raise InputError(f"pool: found the column {wrong!r}; valid: columns whose names are texts")
    _refuse_twice(pool.columns)
    try:
        table = pa.Table.from_pandas(pool, preserve_index=False)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError) as error:
        raise InputError(
            f"pool: a column's values have no type in common ({error}); valid: one type per column, or records: "
            "pool.astype(object).where(pool.notna(), None).to_dict('records')"
        ) from None
    notes: tuple[str, ...] = ()
    if not isinstance(pool.index, pandas.RangeIndex):
        notes = ("pool: the index of the DataFrame is not kept; pool.reset_index() makes it a column",)
    return Given("<DataFrame>", ".parquet", lambda file: _write_parquet(file, table.schema, lambda: [table]), notes)


def _refuse_twice(names: Iterable[str]) -> None:
    """Refuse a table with two columns of one name, of which a record could hold one.

    Raises:
        InputError: It has them.
    """
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise InputError(f"pool: found several columns with the name {twice[0]!r}; valid: one column per name")


def _write_parquet(file: BinaryIO, schema: Any, batches: Callable[[], Iterable[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in batches():
                writer.write_table(batch.cast(schema) if batch.schema != schema else batch, row_group_size=BATCH)
    except pa.ArrowException as error:
        raise InputError(
            f"pool: cannot be written as Parquet ({error}); valid: records, an iterable of dicts"
        ) from None


class _Digest:
    """A file that keeps the digest of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self._digest, self._size = sha256(), 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
