"""Files that are there whole or not at all, whatever stops the process."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from icon.errors import RunError


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name only when it is complete and on the disk.

    It is written to a temporary name beside its place, synced, and renamed; after an error nothing is left.

    Raises:
        RunError: The file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RunError(f"{path}: cannot be written: {error.strerror or error}") from error
        raise
    sync_directory(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file atomically."""
    with atomic(path) as file:
        file.write(data)


def sync_directory(folder: Path) -> None:
    """Make a rename in that folder last; a no-op where the system cannot sync a directory."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def remove_temporaries(folder: Path) -> None:
    """Clear what killed processes of this machine left half written; what a living one writes stays."""
    for path in folder.glob(".*.tmp"):
        ours, _, process = path.name.removesuffix(".tmp").rpartition(".")
        if ours.endswith(f".{platform.node()}") and process.isdigit() and not _lives(int(process)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)  # a folder that `icon export` was writing
            else:
                path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
