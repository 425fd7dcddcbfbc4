"""Records as a `datasets` table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.exporting.arrow_pool import has_types, is_data_set, pool_data_set, pool_rows
from icon.exporting.job import Job


def data_set(job: Job) -> Any:
    """The exported records with the user's own columns, as a `datasets.Dataset`.

    A field that a record lacks is null in its row. Rows that could not be read are left out and noted.

    Raises:
        InputError: There is no record, or a field holds values that have no type in common.
    """
    import datasets

    rows, records = [], []
    typed = has_types(job.source.pool)
    for item in job.source.items(job.which):
        if item.fields is None:
            job.left_out[item.row] = f"a row that could not be read, of which nothing is kept: {item.fault}"
            continue
        rows.append(item.row)
        if not typed:
            records.append(item.fields)
    if not rows:
        raise job.nothing()
    if is_data_set(job.source.pool):
        return pool_data_set(job.source, rows)
    return datasets.Dataset(pool_rows(job.source, rows) if typed else _table(records, rows))


def save(found: Any, folder: Path) -> None:
    """`Dataset.save_to_disk` without its progress bar, which is switched for the whole process."""
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        found.save_to_disk(folder)
    finally:
        if not before:
            enable_progress_bars()


def _table(records: list[dict[str, Any]], rows: list[int]) -> Any:
    import pyarrow as pa

    columns = {}
    for name in dict.fromkeys(name for record in records for name in record):
        values = [record.get(name) for record in records]
        try:
            columns[name] = pa.array(values)
            pa.field(name, pa.null())  # a name that is no Unicode is found here
        except (pa.ArrowException, OverflowError, UnicodeEncodeError) as error:
            raise InputError(
                f"field {name!r}: {_why(error, values, rows)}, so it is no column of a table; "
                "valid: a format of lines, such as own"
            ) from None
    return pa.table(columns)


def _why(error: Exception, values: list[Any], rows: list[int]) -> str:
    """What keeps these values from being a column, and in which row, where one alone is to blame."""
    import pyarrow as pa

    for row, value in zip(rows, values, strict=True):
        try:
            pa.array([value])
        except UnicodeEncodeError:
            return f"its value in row {row} holds half of a surrogate pair, which is no Unicode"
        except OverflowError:
            return f"its value in row {row} is a number beyond 64 bits"
        except pa.ArrowException:
            continue
    if isinstance(error, UnicodeEncodeError):
        return "its name holds half of a surrogate pair, which is no Unicode"
    return f"its values have no type in common ({error})"
