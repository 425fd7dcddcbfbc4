"""Arrow tables as records: what Parquet files and saved data sets have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from icon.samples.rows import FieldFault, Record, faulty

BATCH = 1000


def records_of(batches: Iterable[Any]) -> Iterator[Record]:
    """Yield a record a row of tables or record batches; rows are counted from 0, over all of them."""
    row = 0
    for batch in batches:
        for found in _rows(batch):
            where = f"row {row}"
            yield faulty(row, where, found) if isinstance(found, FieldFault) else Record(row, where, found)
            row += 1


def _rows(batch: Any) -> Iterable[dict[str, Any] | FieldFault]:
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except (ValueError, OverflowError):  # a value of some row has no Python form: find out which
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
