"""Records of Arrow tables: Parquet files and data sets of the `datasets` library."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

from icon import network
from icon._near import near_file
from icon._small_files import MAX_JSON, parse_json, read_small
from icon.errors import InputError
from icon.samples.addresses import hub_name
from icon.samples.bounds import MAX_COLUMNS
from icon.samples.rows import FieldFault, Record, faulty
from icon.samples.sources._arrow_bounds import batch_size, pieces, row_fault

BATCH = 100
"""Rows that are in memory at once: of a megabyte each, as long documents are, a hundred megabytes."""

STATE, INFO = "state.json", "dataset_info.json"
"""Files of a folder that `datasets` saved: which others hold the rows, and what their fields are."""

_CONFIGS = re.compile(r"(?:available configs|Available): \[([^\]]+)\]")
"""How `datasets` lists the configurations of a data set, where none or an unknown one is named."""

_DATE = re.compile(r"[+-]?\d{4,6}-\d\d-\d\d( [\d:.]+)?")


class OutOfRange:
    """A date or time that Arrow holds and Python does not, such as one after the year 9999; `str` gives it as text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def records_of(batches: Iterable[Any], row: int = 0) -> Iterator[Record]:
    """Yield one record per row of tables or record batches; rows are counted from `row`, over all of them."""
    for batch in batches:
        size = max(1, batch.nbytes // max(1, batch.num_rows))
        for fields in chain.from_iterable(map(_rows, pieces(batch))):
            where = f"row {row}"
            if isinstance(fields, FieldFault):
                yield faulty(row, where, fields)
            else:
                yield Record(row, where, fields, size=size)
            row += 1


def _rows(batch: Any) -> Iterable[dict[str, Any] | FieldFault]:
    if batch.num_rows == 1 and (fault := row_fault(batch)):
        return [fault]
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except (ValueError, OverflowError):  # a value of some row has no Python form: convert row by row to learn which
        return [_row(batch.slice(number, 1)) for number in range(batch.num_rows)]
    return rows


def _row(one: Any) -> dict[str, Any] | FieldFault:
    fields = {}
    for name in one.schema.names:
        try:
            fields[name] = _value(one.column(name)[0])
        except UnicodeDecodeError as error:
            return FieldFault(name, f"bytes that are not UTF-8 at byte offset {error.start}", "UTF-8 text")
        except (ValueError, OverflowError) as error:
            return FieldFault(name, f"a value that cannot be read ({error})", "text")
    return fields


def _value(scalar: Any) -> Any:
    """An Arrow value in Python, where parts of it may have no Python form: those are `OutOfRange`.

    Raises:
        UnicodeDecodeError: It holds text that is not UTF-8.
        ValueError: It is no date or time and has no form in Python.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        raise
    except (ValueError, OverflowError):
        kind = scalar.type
        if pa.types.is_map(kind):
            return [(_value(pair["key"]), _value(pair["value"])) for pair in scalar.values]
        if pa.types.is_struct(kind):
            return {name: _value(value) for name, value in scalar.items()}
        if hasattr(scalar, "values"):  # a list of any kind
            return [_value(value) for value in scalar.values]
        if not pa.types.is_temporal(kind):
            raise
        zone = "Z" if pa.types.is_timestamp(kind) and kind.tz else ""  # far beyond the years of four digits Arrow errs
        text = str(pc.cast(pc.cast(scalar, pa.timestamp(kind.unit)) if zone else scalar, pa.string()).as_py())
        return OutOfRange(text + zone if _DATE.fullmatch(text) else f"{scalar.value} ({kind})")


def read_parquet(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per row; `limit` is unused, since a row's size is known only once it is in memory.

    Raises:
        InputError: The file is not a Parquet file, is damaged, or has two columns of one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    done = ""
    try:
        with pq.ParquetFile(path) as file:
            _refuse_names(str(path), file.schema_arrow.names)
            rows = batch_size(file.metadata, path.stat().st_size, BATCH)
            for record in records_of(file.iter_batches(batch_size=rows)):
                done = f" after row {record.row}"
                yield record
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read as Parquet: a column's name is no UTF-8 ({error})") from None
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet{done}: {error}") from None


def _refuse_names(source: str, names: Sequence[str]) -> None:
    """Refuse too many columns, and two of one name, of which a record could hold but one."""
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{source}: found {len(names):,} columns; valid: at most {MAX_COLUMNS:,}")
    if twice := sorted(name for name, n in Counter(names).items() if n > 1):
        raise InputError(f"{source}: found the column {twice[0][:80]!r} twice; valid: columns of distinct names")


def read_data_set(source: str, split: str) -> Iterator[Record]:
    """Yield one record per row, as stored: images and sounds in other columns are not decoded.

    Raises:
        InputError: The data set does not exist, cannot be loaded, or has no such split.
    """
    yield from records_of(open_split(source, split).with_format("arrow").iter(batch_size=BATCH))


def digest(source: str, split: str) -> str:
    """The fingerprint of the split; of a folder, behind the digest of the files in which the split is.

    A fingerprint says how `datasets` made a data set, and stays what it is when a file of a folder is edited.

    Raises:
        InputError: As `read_data_set`, or a file of a folder cannot be read.
    """
    fingerprint = str(open_split(source, split)._fingerprint)
    folder = Path(source)
    if not folder.is_dir():
        return fingerprint
    return f"{_content(folder if (folder / STATE).is_file() else folder / split)}-{fingerprint}"


def _content(folder: Path) -> str:
    """Sha256 over names and digests of the files that a saved split is read from."""
    try:
        files = parse_json(read_small(folder / STATE, MAX_JSON))["_data_files"]
        names = [INFO, *(str(file["filename"]) for file in files)]
        lines = []
        for name in names:
            with (folder / name).open("rb") as file:
                lines.append(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"{folder}: cannot be read ({type(error).__name__}: {error})") from None
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def open_split(source: str, split: str) -> Any:
    """The split as a `datasets.Dataset`.

    Raises:
        InputError: As `read_data_set`.
    """
    import datasets
    import pyarrow as pa
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined,unused-ignore]  # the HTTP client's own

    local = Path(source).is_dir()
    because = ""
    try:
        with network.as_named(), nullcontext("") if local else network.asking(data_sets=True) as because:
            loaded = datasets.load_from_disk(source) if local else _of_hub(source, split)
    except (
        *(OSError, ValueError, TypeError, LookupError, RuntimeError),
        *(datasets.exceptions.DatasetsError, pa.ArrowException, HTTPError),
    ) as error:
        raise InputError(_failure(source, split, local, because or network.why(), error)) from None
    if not isinstance(loaded, dict):
        return loaded
    if split not in loaded:
        raise InputError(f"{source}: has no split {split!r}; valid: {', '.join(loaded)} (--split)")
    return loaded[split]


def _of_hub(source: str, split: str) -> Any:
    import datasets

    found = hub_name(source)
    if found is None:
        raise ValueError("not a name of the hub")
    return datasets.load_dataset(found.name, found.config, split=split, revision=found.revision)


def _failure(source: str, split: str, local: bool, because: str, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    if local:
        return f"{source}: a folder without a data set saved with datasets' save_to_disk ({reason}); name a file in it"
    if because:
        meant = near_file(source)
        return f"{source}: no file or folder of that name, and {network.not_asked(because)}{meant and '.'}{meant}"
    if names := _CONFIGS.search(reason):
        name = source.partition(":")[0]
        first = names[1].split(",")[0].strip(" '\"")
        return (
            f"{source}: a data set of the hub with several configurations; found "
            f"{source.partition(':')[2] or 'none'!r}; valid: one of {names[1]}, behind a colon, such as {name}:{first}"
        )
    return (
        f"{source}: no file or folder of that name, and loading it from the hub (split {split!r}) failed: {reason}\n"
        "Check the name and the split, or give a local file (.jsonl, .json, .csv, .parquet) or saved folder."
    )
