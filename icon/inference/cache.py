"""The user's cache: converted model files, checked whenever they are used, and digests of large files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from icon.errors import BackendError
from icon.inference.cache_files import HALF_NOTES, VARIABLE, folder, locked, rename, sweep, workspace

__all__ = [
    "VARIABLE",
    "content_read",
    "digest",
    "folder",
    "keep",
    "keep_folder",
    "kept",
    "recall",
    "remember",
    "sweep",
    "workspace",
]

NOTES = "notes.json"
KEPT = "kept"
"""Section of the notes: the digest of everything that was made in the cache, by its name."""

_read_now: ContextVar[dict[str, dict[str, object]] | None] = ContextVar("_read_now", default=None)
"""The digests that were read inside `content_read`, by path; None outside."""


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
    with contextlib.suppress(OSError), locked():
        notes = _read()
        known = notes.setdefault(section, {})
        if first and key in known:
            return known[key]
        known[key] = value
        descriptor, name = tempfile.mkstemp(dir=folder(), prefix=HALF_NOTES)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(notes, file, indent=1, sort_keys=True)
            rename(Path(name), folder() / NOTES)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    return value


def kept(final: Path) -> bool:
    """Whether the file or folder is in the cache and has the bytes that it was kept with.

    Of one that an older version made nothing was noted; its present bytes count from then on.
    """
    if not final.exists():
        return False
    found, known = _content(final), recall(KEPT, final.name)
    return bool((known or remember(KEPT, final.name, found, first=True)) == found)


def keep(made: Path, final: Path) -> None:
    """Move a finished file to its place; it is synced first, so a file of that name is always complete.

    Raises:
        BackendError: It cannot be written.
    """
    try:
        _sync(made)
        made.replace(final)
        remember(KEPT, final.name, _content(final))
    except OSError as error:
        raise BackendError(
            f"cannot write {final} ({error.strerror}); free the disk, or set {VARIABLE} to a folder on another"
        ) from error


def keep_folder(made: Path, final: Path) -> None:
    """Move a finished folder to its place, as `keep` does a file; a sound one that another process made stays.

    Raises:
        BackendError: It cannot be written.
    """
    try:
        for path in made.iterdir():
            _sync(path)
        if final.is_dir() and not kept(final):
            shutil.rmtree(final, ignore_errors=True)
        with contextlib.suppress(FileExistsError):
            made.replace(final)
            remember(KEPT, final.name, _content(final))
    except OSError as error:
        if not final.is_dir():
            raise BackendError(
                f"cannot write {final} ({error.strerror}); free the disk, or set {VARIABLE} to a folder on another"
            ) from error


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _content(final: Path) -> str:
    """Digest of a file, or of a folder's files and their names."""
    if final.is_file():
        return digest(final)
    lines = [f"{path.relative_to(final)}:{digest(path)}\n" for path in sorted(final.rglob("*")) if path.is_file()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _read() -> dict[str, Any]:
    """The notes; empty where their file is missing or unreadable."""
    try:
        notes = json.loads((folder() / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    well_formed = isinstance(notes, dict) and all(isinstance(section, dict) for section in notes.values())
    return notes if well_formed else {}
