"""Records as a table, with values that JSON does not hold taken from the pool itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.errors import InputError
from icon.results.export._job import Job
from icon.samples.addresses import named
from icon.samples.kinds import kind_of

if TYPE_CHECKING:
    import pyarrow as pa

    from icon.results.export._source import RunSource


def data_set(job: Job) -> Any:
    """The exported records with the user's own columns, as a `datasets.Dataset`.

    Maps, which `datasets` does not hold, become lists of key and value, and a note says so.

    Raises:
        InputError: As `table`, or a column has another type that `datasets` does not hold.
    """
    import datasets
    import pyarrow as pa

    if is_data_set(job.source):
        return pool_data_set(job.source, _chosen(job)[0])
    found = table(job)
    for field in without_feature(found):
        if not pa.types.is_map(field.type):
            raise InputError(
                f"field {field.name!r}: has the type {field.type}, which `datasets` does not hold; valid: --to own, or "
                "--to parquet, which keeps it"
            )
        pairs = pa.list_(pa.struct([("key", field.type.key_type), ("value", field.type.item_type)]))
        at = found.schema.get_field_index(field.name)
        found = found.set_column(at, field.name, found.column(at).cast(pairs))
        job.notes.append(f"field {field.name!r}: `datasets` holds no {field.type}, so it is written as {pairs}")
    return datasets.Dataset(found)


def table(job: Job) -> pa.Table:
    """The exported records with the user's own columns.

    A field that a record lacks is null in its row. Rows that could not be read are left out and noted.

    Raises:
        InputError: There is no record, or a field holds values that have no type in common.
    """
    rows, records = _chosen(job)
    if is_data_set(job.source):
        return pool_data_set(job.source, rows).with_format("arrow")[:]
    return pool_rows(job.source, rows) if has_types(job.source) else _table(records, rows)


def _chosen(job: Job) -> tuple[list[int], list[dict[str, Any]]]:
    """The rows of the exported records and, where JSON holds their values, the records."""
    rows, records = [], []
    typed = has_types(job.source)
    for item in job.source.items(job.which):
        if item.fields is None:
            job.left_out[item.row] = f"a row that could not be read, of which nothing is kept: {item.fault}"
            continue
        rows.append(item.row)
        if not typed:
            records.append(item.fields)
    if not rows:
        raise job.nothing()
    return rows, records


def without_feature(found: pa.Table) -> list[pa.Field]:
    """The columns whose type `datasets` does not hold."""
    import datasets

    fields = []
    for field in found.schema:
        try:
            datasets.features.features.generate_from_arrow_type(field.type)
        except ValueError:
            fields.append(field)
    return fields


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


def is_data_set(source: RunSource) -> bool:
    """Whether the pool is a folder saved by `datasets` or a name on the hub."""
    pieces = source.pieces
    return len(pieces) == 1 and not pieces[0].is_file


def container(source: RunSource) -> tuple[str, str]:
    """The file ending of the pool and that of its compression; JSON lines for several files but those of Parquet."""
    kinds = [kind_of(Path(piece.place)) for piece in source.pieces if piece.is_file]
    if len(kinds) == len(source.pieces) and (len(kinds) == 1 or set(kinds) == {(".parquet", "")}):
        return kinds[0]
    return ".jsonl", ""


def has_types(source: RunSource) -> bool:
    """Whether its values may have types that JSON does not hold."""
    return is_data_set(source) or container(source)[0] == ".parquet"


def pool_rows(source: RunSource, rows: Sequence[int]) -> pa.Table:
    """These rows of a Parquet pool.

    Raises:
        InputError: The file is gone, cannot be read, or is not the one the run was made from.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _refuse_another(source)
    wanted = pa.array(rows, pa.int64())
    tables, start = [], 0
    for piece in source.pieces:
        parts = []
        try:
            with pq.ParquetFile(piece.place) as file:
                for batch in file.iter_batches():
                    parts += _taken(batch, wanted, start)
                    start += batch.num_rows
                tables.append(pa.Table.from_batches(parts, file.schema_arrow))
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{piece.name}: cannot be read as Parquet: {error}") from None
    try:
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
    except pa.ArrowException as error:
        raise InputError(f"the files of the pool have columns of one name and different types: {error}") from None


def _taken(batch: Any, wanted: Any, start: int) -> list[Any]:
    """The wanted rows of a batch that begins at a row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
    mask = pc.is_in(numbers, wanted)
    try:
        return [batch.filter(mask)]
    except pa.ArrowNotImplementedError:  # string views, in some versions: a slice of each row takes any type
        return [batch.slice(place, 1) for place, taken in enumerate(mask.to_pylist()) if taken]


def pool_data_set(source: RunSource, rows: Sequence[int]) -> Any:
    """These rows of a saved or hub data set, as a `datasets.Dataset` with the pool's own features.

    Raises:
        InputError: The data set is gone, cannot be read, or is not the one the run was made from.
    """
    from icon.samples.sources.arrow_rows import open_split

    _refuse_another(source)
    return open_split(source.pieces[0].place, source.config.split).select(rows)


def _refuse_another(source: RunSource) -> None:
    from icon.samples.records import same_source, source_digest

    noted = source.pool_input.digest
    advice = "its records keep their types in the pool alone; another format, such as trl, needs it no more"
    try:
        pool = source.pool
        found = source_digest(pool, split=source.config.split)
    except InputError as error:
        raise InputError(f"{error}\n{advice}") from None
    if not same_source(found, noted):
        raise InputError(f"{named(pool)}: is not the pool of the run any more (digest {found}, then {noted}); {advice}")
