"""Atomic writing of files, checks of where they may be written, and values as JSON."""

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
from secrets import token_hex
from typing import Any, BinaryIO

from icon.errors import ConfigError, RunError


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that gets its name only when it is complete and on the disk.

    It is written under a temporary name in the same folder, synced, and renamed; after an error nothing is left.

    Raises:
        RunError: The file cannot be written.
    """
    with half_written(path) as (file, temporary):
        yield file
        file.flush()
        os.fsync(file.fileno())
        file.close()
        temporary.replace(path)
    sync_directory(path.parent)


@contextmanager
def half_written(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open what is to become a file under a temporary name beside it, and delete it after an error.

    Yields:
        The open file, to be closed before it is renamed, and its temporary name.

    Raises:
        RunError: It cannot be written.
    """
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file, temporary
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RunError(f"{path}: cannot be written: {error.strerror or error}") from error
        raise


def temporary_beside(path: Path) -> Path:
    """A new hidden name beside a file, for what is to replace it.

    It is random in part, so no other writer has it, be it of this process or of another machine that has the same name
    and process numbers, and nobody has put a link there. Its end says whose it is; see `dead_temporaries`.
    """
    return path.with_name(f".{path.name}.{token_hex(4)}.{platform.node()}.{os.getpid()}.tmp")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file atomically."""
    with atomic(path) as file:
        file.write(data)


def sync_directory(folder: Path) -> None:
    """Make renames in that folder durable; a no-op where the system cannot sync a directory."""
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
    """Delete the temporary files of killed processes of this machine; those of running processes stay."""
    for path in dead_temporaries(folder):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # a folder that `icon export` was writing
        else:
            path.unlink(missing_ok=True)


def dead_temporaries(folder: Path) -> list[Path]:
    """The temporary files and folders of killed processes of this machine."""
    found = []
    for path in sorted(folder.glob(".*.tmp")):
        owner, _, process = path.name.removesuffix(".tmp").rpartition(".")
        if owner.endswith(f".{platform.node()}") and process.isdigit() and not is_running(int(process)):
            found.append(path)
    return found


def is_running(process: object) -> bool:
    """Whether a process of this machine has that number; False for what is no number."""
    if not isinstance(process, int):
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def refuse_place(path: Path, what: str) -> None:
    """Refuse a folder that is a file, or that cannot be written or made.

    Args:
        path: The folder.
        what: What the user gave, for the message.

    Raises:
        ConfigError: Nothing can be written to it.
    """
    nearest = next(folder for folder in (path, *path.resolve().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        fault = "is not writable" if nearest.is_dir() else "is a file"
        raise ConfigError(f"{what}: {nearest} {fault}; valid: a folder that can be made or written")


def to_json(value: Any) -> bytes:
    """A value as one line of UTF-8 JSON.

    Values without a form in JSON are converted: bytes to base64, dates and the like to text, NaN and infinities to
    null, lone surrogates to their escapes.
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
    """The text with lone surrogates escaped, so that it can be stored as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _other(value: Any) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
