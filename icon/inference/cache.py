"""The user's cache: converted model files, digests of large files, and the fastest settings on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

from icon.errors import BackendError

VARIABLE = "ICON_CACHE"
"""Environment variable that names another folder for the cache."""

NOTES, LOCK = "notes.json", ".notes.lock"
_read_now: ContextVar[dict[str, dict[str, object]] | None] = ContextVar("_read_now", default=None)
"""The digests that were read inside `content_read`, by path; None outside."""

RETRIES, RETRY_SECONDS = 20, 0.02


def folder() -> Path:
    """The folder of converted files: `models` below $ICON_CACHE or the user's cache folder; it need not exist."""
    if given := os.environ.get(VARIABLE):
        return Path(given) / "models"
    from platformdirs import user_cache_path

    return user_cache_path("icon") / "models"


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, cached by the file's path, size, inode and times of change.

    A file that is replaced by another of the same size and time of modification has another inode or another time of
    change, which only the system sets. Inside `content_read` the bytes are read whatever is cached.
    """
    stamp, key = _stamp(path), str(path.resolve())
    read = _read_now.get()
    known = recall("digests", key) if read is None else read.get(key)
    if isinstance(known, dict) and known.get("stamp") == stamp:
        return str(known["sha256"])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    found: dict[str, object] = {"stamp": stamp, "sha256": sha256}
    if _stamp(path) == stamp:  # not while another process writes it
        remember("digests", key, found)
        if read is not None:
            read[key] = found
    return sha256


@contextmanager
def content_read() -> Iterator[None]:
    """Context in which `digest` reads every file once, whatever is cached: before numbers of two starts are mixed."""
    token = _read_now.set({})
    try:
        yield
    finally:
        _read_now.reset(token)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def recall(section: str, key: str) -> Any:
    """The value remembered under that section and key, or None."""
    return _read().get(section, {}).get(key)


def remember(section: str, key: str, value: Any, *, first: bool = False) -> Any:
    """Remember a value for later processes; a no-op where the cache cannot be written.

    Args:
        section: Kind of the note.
        key: Subject of the note.
        value: Plain data.
        first: Whether an existing value stays, such as one that another process remembered meanwhile.

    Returns:
        The value that is remembered now.
    """
    with contextlib.suppress(OSError), _locked():
        notes = _read()
        known = notes.setdefault(section, {})
        if first and key in known:
            return known[key]
        known[key] = value
        descriptor, name = tempfile.mkstemp(dir=folder(), prefix=f".{NOTES}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(notes, file, indent=1, sort_keys=True)
            _replace(Path(name), folder() / NOTES)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    return value


@contextmanager
def workspace() -> Iterator[Path]:
    """A temporary folder of this process inside the cache, removed at the end.

    Raises:
        BackendError: The cache cannot be written.
    """
    try:
        folder().mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(dir=folder(), prefix=".making-", ignore_cleanup_errors=True)
    except OSError as error:
        raise BackendError(
            f"the cache {folder()} cannot be written ({error.strerror}); set {VARIABLE} to a folder that can"
        ) from error
    with place as name:
        yield Path(name)


def keep(made: Path, final: Path) -> None:
    """Move a finished file to its place; it is synced first, so a file of that name is always complete.

    Raises:
        BackendError: It cannot be written.
    """
    try:
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(final)
    except OSError as error:
        raise BackendError(f"cannot write {final}: {error.strerror}") from error


def keep_folder(made: Path, final: Path) -> None:
    """Move a finished folder to its place, as `keep` does a file; one that another process made meanwhile stays.

    Raises:
        BackendError: It cannot be written.
    """
    try:
        for path in made.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            made.replace(final)
    except OSError as error:
        if not final.is_dir():
            raise BackendError(f"cannot write {final}: {error.strerror}") from error


def _read() -> dict[str, Any]:
    """The notes; empty where their file is missing or unreadable."""
    try:
        notes = json.loads((folder() / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    well_formed = isinstance(notes, dict) and all(isinstance(section, dict) for section in notes.values())
    return notes if well_formed else {}


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process and thread at a time change the notes, so that none overwrites those of another.

    The system releases the lock when a process ends, however it ends. Where there are no locks, it goes on without.

    Raises:
        OSError: The cache cannot be written.
    """
    folder().mkdir(parents=True, exist_ok=True)
    with folder().with_name(LOCK).open("a+b") as file:  # outside the folder, which a user may delete at any time
        with contextlib.suppress(OSError):
            _lock(file)
        yield  # closing the file unlocks it


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


def _replace(made: Path, final: Path) -> None:
    """Rename a file; tried again on Windows, where it fails while another process reads the file of that name.

    Raises:
        OSError: It cannot be renamed.
    """
    for _ in range(RETRIES):
        with contextlib.suppress(PermissionError):
            made.replace(final)
            return
        time.sleep(RETRY_SECONDS)
    made.replace(final)
