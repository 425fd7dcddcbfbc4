"""The user's cache: converted model files, the digests of large files, and what was fastest on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from icon.errors import BackendError

VARIABLE = "ICON_CACHE"
"""Environment variable that names another folder for the cache."""

NOTES = "notes.json"


def folder() -> Path:
    """Where converted files go: `models` below $ICON_CACHE or the user's cache folder; it need not exist."""
    if given := os.environ.get(VARIABLE):
        return Path(given) / "models"
    from platformdirs import user_cache_path

    return user_cache_path("icon") / "models"


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, remembered by the file's path, size and time of change."""
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    key = str(path.resolve())
    known = recall("digests", key)
    if isinstance(known, dict) and known.get("stamp") == stamp:
        return str(known["sha256"])
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    remember("digests", key, {"stamp": stamp, "sha256": found})
    return found


def recall(section: str, key: str) -> Any:
    """What was remembered under that section and key, or None."""
    return _read().get(section, {}).get(key)


def remember(section: str, key: str, value: Any) -> None:
    """Keep a value for later processes; without effect where the cache cannot be written."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        notes = _read()
        notes.setdefault(section, {})[key] = value
        descriptor, name = tempfile.mkstemp(dir=folder(), prefix=f".{NOTES}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(notes, file, indent=1, sort_keys=True)
            Path(name).replace(folder() / NOTES)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder of this process's own inside the cache, removed in the end.

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
    """Move a finished file to its place, on the disk before it bears the name: whoever finds it finds it whole.

    Raises:
        BackendError: The disk refuses it.
    """
    try:
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(final)
    except OSError as error:
        raise BackendError(f"cannot write {final}: {error.strerror}") from error


def keep_folder(made: Path, final: Path) -> None:
    """Move a finished folder to its place, as `keep` does a file; one that another process put there meanwhile stays.

    Raises:
        BackendError: The disk refuses it.
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
    """The notes; none where there is no readable file of them."""
    try:
        notes = json.loads((folder() / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    well_formed = isinstance(notes, dict) and all(isinstance(section, dict) for section in notes.values())
    return notes if well_formed else {}
