"""Checksums in run.json: of every file of the run that icon writes and reads again, and of run.json itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, BinaryIO, Literal, get_args

from pydantic import Field

from icon._checksum import checksum_of as checksum_of
from icon.runs.records import Record

Covered = Literal[
    "assessment.jsonl",
    "held_out.jsonl",
    "scores.parquet",
    "selected.jsonl",
    "dropped.jsonl",
    "explained.jsonl",
    "report.html",
    "texts.parquet",
]
"""Files that run.json has the digest of; parts, arms and exports have checksums of their own."""

COVERED: tuple[Covered, ...] = get_args(Covered)

CHUNK = 1 << 20
"""Bytes that are read at a time."""


class FileRecord(Record):
    """A file of the run: SHA-256 and number of its bytes."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)


def record_of(file: BinaryIO) -> FileRecord:
    """Digest and size of an open file, read from its beginning; it is left at its beginning.

    Raises:
        OSError: It cannot be read.
    """
    file.seek(0)
    digest, size = sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return FileRecord(digest=digest.hexdigest(), size=size)


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a JSON file with its checksum in the field `checksum`."""
    plain = json.loads(json.dumps(data))
    return {**plain, "checksum": checksum_of(plain)}


def is_whole(data: Mapping[str, Any]) -> bool:
    """Whether a content that was read fits its checksum; what an older version wrote has none and is taken as it is."""
    return data.get("checksum", "") in ("", checksum_of(data))
