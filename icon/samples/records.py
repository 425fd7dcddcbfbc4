"""Records of a source that the user names: a file, a saved data set or a hub name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path

from icon.errors import InputError
from icon.samples.bounds import MAX_BYTES_PER_ROW
from icon.samples.rows import FieldFault, Record
from icon.samples.sources import arrow_rows, csv_rows, json_arrays, json_rows
from icon.samples.streams import COMPRESSED

__all__ = ["FieldFault", "Record", "iter_records", "same_source", "source_digest"]

FILES: dict[str, Callable[[Path, int], Iterator[Record]]] = {
    ".jsonl": json_rows.read_lines,
    ".ndjson": json_rows.read_lines,
    ".json": json_arrays.read_array,
    ".csv": csv_rows.read,
    ".parquet": arrow_rows.read_parquet,
}
VALID = (
    ".jsonl, .ndjson, .json (an array of objects) and .csv, each also compressed as .gz or .zst; .parquet; "
    "a folder saved with datasets' save_to_disk; or a hub name such as owner/name"
)
_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")


def iter_records(source: str, *, split: str = "train", max_bytes_per_row: int = MAX_BYTES_PER_ROW) -> Iterator[Record]:
    """The records of a file or data set, in order, streamed where the format allows it.

    A file is never in memory as a whole. A row that cannot be read is yielded as a record with a fault, and the rows
    after it follow.

    Args:
        source: Path of a file, folder saved by `datasets`, or name of a data set on the hub.
        split: Which split of a data set that has several; ignored for files.
        max_bytes_per_row: Rows longer than this are faults and are not kept in memory; in a JSON array they are an
            error, since what follows cannot be distinguished.

    Raises:
        InputError: The source is missing, of no known kind, empty, or broken as a whole. A truncated source
            raises it after its last whole record.
    """
    path = Path(source)
    if _is_dataset(source):
        return _some(source, arrow_rows.read_data_set(source, split))
    kind, compression = _kind(path)
    if kind not in FILES or (compression and kind == ".parquet"):
        raise InputError(f"{source}: found the file ending {path.suffix or '(none)'!r}; valid: {VALID}")
    return _some(source, FILES[kind](path, max_bytes_per_row))


def source_digest(source: str, *, split: str = "train") -> str:
    """Sha256 of a file's bytes on disk, in hex; of a data set, see `arrow_rows.digest`.

    Raises:
        InputError: As `iter_records`.
    """
    path = Path(source)
    if _is_dataset(source):
        return arrow_rows.digest(source, split)
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from None


def same_source(found: str, noted: str) -> bool:
    """Whether a digest is the one that was noted; earlier versions noted the fingerprint of a folder alone."""
    return found == noted or found.endswith(f"-{noted}")


def _is_dataset(source: str) -> bool:
    """Whether `datasets` reads the source: a folder, or a name that is neither a path nor has a known file ending."""
    path = Path(source)
    try:
        if path.is_dir():
            return True
        if path.is_file():
            return False
        if path.exists():
            raise InputError(f"{source}: neither a file nor a folder (a pipe or device?); valid: {VALID}")
    except OSError as error:
        raise InputError(f"{source}: cannot be opened: {error.strerror}") from None
    if _kind(path)[0] in FILES or not _HUB_NAME.fullmatch(source):
        raise InputError(f"{source}: no such file or folder; valid: {VALID}")
    return True


def _kind(path: Path) -> tuple[str, str]:
    """The file endings of the format and of the compression; the latter is empty where there is none."""
    last = path.suffix.lower()
    return (Path(path.stem).suffix.lower(), last) if last in COMPRESSED else (last, "")


def _some(source: str, records: Iterator[Record]) -> Iterator[Record]:
    empty = True
    for record in records:
        empty = False
        yield record
    if empty:
        raise InputError(f"{source}: has no records; valid: at least one")
