"""scores.parquet: every row of the pool with its status, score and decision."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from icon.config import RunConfig
from icon.errors import RunError, WrongRunError
from icon.runs.columns import column
from icon.runs.directory import RunDirectory, fingerprint
from icon.runs.ledger import open_checked
from icon.runs.manifest import Manifest
from icon.runs.regular import open_regular
from icon.runs.score_table import ScoreTable
from icon.runs.tables import Sink, parquet_of, parquet_writer, source_of
from icon.runs.writing import write_bytes
from icon.types import ScoreRow

GROUP = 131_072
"""Rows that are written, and read again, at a time."""

MAP = pa.map_(pa.string(), pa.float64())

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("row", pa.int64()),
        ("turn", pa.int32()),
        ("source", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("raw_score", pa.float64()),
        ("standard_error", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("margin", pa.float64()),
        ("decided", pa.string()),
        ("log_gain", pa.float64()),
        ("consistency", pa.float64()),
        ("coverage", pa.float64()),
        ("stability", pa.float64()),
        ("n_assessed", pa.int32()),
        ("groups", MAP),
        ("baselines", MAP),
        ("probability", pa.float64()),
        ("rank", pa.int64()),
        ("selected", pa.bool_()),
        ("decision", pa.string()),
        ("decided_by", pa.string()),
    ]
)


WITHOUT_EFFECT = ("dropped",)
"""Settings that have no effect on scores.parquet, and no part in the fingerprint that it carries."""


def settings_of_scores(config: RunConfig) -> str:
    """The fingerprint of the settings that scores.parquet is of, which it carries in its metadata."""
    return fingerprint(config.model_dump(mode="json", exclude=set(WITHOUT_EFFECT)))


def write_scores(path: Path, rows: Iterable[ScoreRow], fingerprint: str) -> None:
    """Write the table, in the order of the pool's rows."""
    write_bytes(path, scores_bytes(rows, fingerprint))


def scores_bytes(rows: Iterable[ScoreRow], fingerprint: str) -> bytes:
    """The table as scores.parquet has it, in the order of the pool's rows."""
    ordered = sorted(rows, key=lambda row: (row.row, row.turn))
    columns = [column([getattr(row, field.name) for row in ordered], field.type) for field in SCHEMA]
    table = pa.Table.from_arrays(columns, schema=SCHEMA)
    for name in ("source", "decided_by"):
        if not any(getattr(row, name) for row in ordered):
            table = table.drop_columns([name])
    sink = io.BytesIO()
    write_tables(sink, [table], fingerprint)
    return sink.getvalue()


def write_tables(file: Sink, tables: Iterable[pa.Table], fingerprint: str) -> None:
    """Write the rows of scores.parquet as they come.

    Args:
        file: Takes the bytes.
        tables: Rows in the order of the pool, at least one table; all have the columns of the first.
        fingerprint: Of the settings of the selection.
    """
    several = iter(tables)
    first = next(several)
    with parquet_writer(file, first.schema.with_metadata({"icon.fingerprint": fingerprint})) as writer:
        for table in chain([first], several):
            writer.write_table(table, row_group_size=GROUP)


def scores_of(directory: RunDirectory, manifest: Manifest) -> ScoreTable:
    """The table of a run, with the digest that its run.json has.

    Raises:
        WrongRunError: Nothing is selected yet.
        RunError: The file is missing or damaged.
    """
    if "scores.parquet" not in manifest.files and directory.pins is None:
        return read_scores(directory.scores)
    try:
        with open_checked(directory, manifest, "scores.parquet") as file:
            found = scores_in(file, directory.scores)
    except FileNotFoundError:
        raise WrongRunError(_missing(directory.scores)) from None
    except OSError as error:
        raise _unreadable(directory.scores, error) from None
    return found if "scores.parquet" in manifest.files else _proved(found)


def read_scores(path: Path) -> ScoreTable:
    """Read the table that `write_scores` wrote.

    Raises:
        WrongRunError: The file is missing.
        RunError: It is damaged.
    """
    try:
        with open_regular(path) as file:
            return _proved(scores_in(file, path))
    except FileNotFoundError:
        raise WrongRunError(_missing(path)) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def scores_in(file: BinaryIO, path: Path) -> ScoreTable:
    """The table in an open file.

    Args:
        file: The file, open.
        path: Its name.

    Raises:
        RunError: It is damaged.
    """
    try:
        return ScoreTable(parquet_of(source_of(file, path)), partial(_unreadable, path))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from None


def written_scores(path: Path) -> ScoreTable:
    """The table in a file that this process has just written."""
    with open_regular(path) as file:
        return scores_in(file, path)


def as_table(rows: Sequence[ScoreRow]) -> ScoreTable:
    """The rows as a table, in the order of the pool."""
    if isinstance(rows, ScoreTable):
        return rows
    return ScoreTable(parquet_of(pa.BufferReader(scores_bytes(rows, ""))), partial(_unreadable, Path("scores.parquet")))


def _proved(table: ScoreTable) -> ScoreTable:
    """The table, once all of its rows could be read: no digest says that it is whole.

    Raises:
        RunError: It is damaged.
    """
    table.read_through()
    return table


def _missing(path: Path) -> str:
    return f"{path}: does not exist; to write it: icon select {path.parent}"


def _unreadable(path: Path, error: Exception) -> RunError:
    return RunError(f"{path}: cannot be read ({error}); to write it again: icon select {path.parent}")
