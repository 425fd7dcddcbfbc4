"""Kinds of files that are read, by their endings."""

from __future__ import annotations

from pathlib import Path

from icon.samples.streams import COMPRESSED

ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".parquet")
"""Endings of files that are read; all but the last may be compressed."""


def kind_of(path: Path) -> tuple[str, str]:
    """The file endings of the format and of the compression; the latter is empty where there is none."""
    last = path.suffix.lower()
    return (Path(path.stem).suffix.lower(), last) if last in COMPRESSED else (last, "")


def is_readable(name: str) -> bool:
    """Whether a file's ending is one of those that are read."""
    kind, compression = kind_of(Path(name))
    return kind in ENDINGS and not (compression and kind == ".parquet")
