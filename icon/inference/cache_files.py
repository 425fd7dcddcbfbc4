"""The cache's folder, the lock under which it is changed, and files that are made in it: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from icon.errors import BackendError

VARIABLE = "ICON_CACHE"
"""Environment variable that names another folder for the cache."""

LOCK, IN_USE = ".notes.lock", "in-use.lock"
MAKING, HALF_NOTES = ".making-", ".notes.json-"
"""How the names begin of what a process is making, and of notes that it is writing."""

RETRIES, RETRY_SECONDS = 20, 0.02
UNTOUCHED_SECONDS = 3600
"""What nothing was written to for so long is left over, where no lock says whether its process lives."""


def folder() -> Path:
    """The folder of converted files: `models` below $ICON_CACHE or the user's cache folder; it need not exist."""
    if given := os.environ.get(VARIABLE):
        return Path(given) / "models"
    from platformdirs import user_cache_path

    return user_cache_path("icon") / "models"


@contextmanager
def workspace() -> Iterator[Path]:
    """A temporary folder of this process inside the cache, removed at the end; leftovers of others are removed first.

    A process that is killed leaves its folder behind, with hundreds of megabytes perhaps. The folder holds a file that
    is locked as long as its process lives, so that the next process can see which folders are left over.

    Raises:
        BackendError: The cache cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            with locked():
                _remove_leftovers()
                name = tempfile.TemporaryDirectory(dir=folder(), prefix=MAKING, ignore_cleanup_errors=True)
                made = Path(stack.enter_context(name))
                in_use = stack.enter_context((made / IN_USE).open("a+b"))  # closed, hence unlocked, before the folder
                with contextlib.suppress(OSError):
                    _lock(in_use)
        except OSError as error:
            raise BackendError(
                f"the cache {folder()} cannot be written ({error.strerror}); set {VARIABLE} to a folder that can"
            ) from error
        yield made


def sweep() -> None:
    """Remove what processes left half made that have ended; a no-op where nothing is left or nothing can be removed."""
    with contextlib.suppress(OSError):
        if any(folder().glob(f"{MAKING}*")) or any(folder().glob(f"{HALF_NOTES}*")):
            with locked():
                _remove_leftovers()


@contextmanager
def locked() -> Iterator[None]:
    """Let one process and thread at a time change the cache, so that none overwrites what another has written.

    The system releases the lock when a process ends, however it ends. Where there are no locks, it goes on without.

    Raises:
        OSError: The cache cannot be written.
    """
    folder().mkdir(parents=True, exist_ok=True)
    with folder().with_name(LOCK).open("a+b") as file:  # outside the folder, which a user may delete at any time
        with contextlib.suppress(OSError):
            _lock(file)
        yield  # closing the file unlocks it


def rename(made: Path, final: Path) -> None:
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


def _remove_leftovers() -> None:
    """Remove half-made folders whose process has ended, and half-written notes: they are written under the lock."""
    for path in folder().glob(f"{MAKING}*"):
        if _left_over(path):
            shutil.rmtree(path, ignore_errors=True)
    for path in folder().glob(f"{HALF_NOTES}*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _left_over(path: Path) -> bool:
    """Whether the process that was working in that folder has ended."""
    try:
        with (path / IN_USE).open("rb+") as file:
            _lock(file, wait=False)
    except BlockingIOError:
        return False
    except OSError:  # made by a version without locks, or there are none on this file system
        return _untouched(path)
    return True


def _untouched(path: Path) -> bool:
    """Whether nothing in that folder was written to for long; False for one that vanished meanwhile."""
    try:
        latest = max(each.stat().st_mtime for each in (path, *path.rglob("*")))
    except OSError:
        return False
    return time.time() - latest > UNTOUCHED_SECONDS


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes], *, wait: bool = True) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes], *, wait: bool = True) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
