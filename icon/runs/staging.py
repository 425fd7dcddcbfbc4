"""Files that a run is about to publish, written in full under hidden names of their own in the run directory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from icon.runs.checksums import Covered, FileRecord
from icon.runs.writing import half_written

STAGED = re.compile(r"\.(?P<name>[a-z_]+\.[a-z]+)\.(?P<digest>[0-9a-f]{12})\.next")
"""A staged name: that of the file and the beginning of its digest."""


class StagedFile:
    """A file that is being staged: its bytes are hashed as they are written.

    Args:
        file: The open file.

    Attributes:
        record: Its digest and size; None until it is complete.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self._size = file, sha256(), 0
        self.record: FileRecord | None = None

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def complete(self) -> FileRecord:
        """Write it to the disk; returns its digest and size."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.record = FileRecord(digest=self._digest.hexdigest(), size=self._size)
        return self.record


def staged_path(folder: Path, name: Covered, record: FileRecord) -> Path:
    """The staged place of a file with these bytes."""
    return folder / f".{name}.{record.digest[:12]}.next"


@contextmanager
def stage(folder: Path, name: Covered) -> Iterator[StagedFile]:
    """Write a file under its staged name, where it is complete or absent; `commits.commit` publishes it.

    Raises:
        RunError: It cannot be written; nothing is left of it.
    """
    with half_written(folder / name) as (file, temporary):
        staged = StagedFile(file)
        yield staged
        record = staged.complete()
        file.close()
        temporary.replace(staged_path(folder, name, record))
