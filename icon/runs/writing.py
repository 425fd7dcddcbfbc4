"""Files that are complete or absent, whatever stops the process; refused places; values as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from icon.errors import ConfigError, RunError


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


def refuse_place(path: Path, what: str) -> None:
    """Refuse a place whose folder is a file, or may not be written or made.

    Args:
        path: The folder that is to be there.
        what: What the user gave, for the message.

    Raises:
        ConfigError: Nothing can be written there.
    """
    nearest = next(each for each in (path, *path.resolve().parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        found = "is not writable" if nearest.is_dir() else "is a file"
        raise ConfigError(f"{what}: {nearest} {found}; valid: a folder that can be made or written")


def to_json(value: Any) -> bytes:
    """One line of UTF-8 JSON.

    What JSON has no form for becomes the nearest that it has: bytes are base64, dates and the like their text, NaN and
    infinities null, and a lone surrogate its escape.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_other)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=_other)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text)).encode()


def printable(text: str) -> str:
    """Text that can be stored as UTF-8: a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _other(value: Any) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
