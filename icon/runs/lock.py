"""One process at a time writes to a run: a lock of the kernel on a file in the run directory.

The lock ends with the process that holds it, however that ends, on network file systems too, where the server keeps it.
So a file that a killed process left is no lock. What the file holds is only for the message to others.
"""

from __future__ import annotations

import errno
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Self

from icon.errors import ConfigError, RunError, RunInUseError
from icon.runs.directory import LOCK, RUNS
from icon.runs.holder import describe, holder_of, in_words
from icon.runs.writing import is_running

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE_SECONDS = 10.0
"""How long a process waits for one that writes a single file, or itself does no more than that."""

UNKNOWN_SECONDS = 1.0
"""How long it waits for one that has not said who it is."""

STEP_SECONDS = 0.02
NO_LOCKS = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENOLCK}
READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


_held: set[int] = set()
"""Descriptors of the locks that this process holds."""


class RunLock:
    """The right to write to a run, for as long as this process lives or until it is released.

    Args:
        path: The locked file.
        descriptor: The open file; None where the file system has no locks.
        shared: Whether others may hold it, too.

    Attributes:
        warning: What the user should know where nothing is locked; else empty.
    """

    def __init__(self, path: Path, descriptor: int | None, *, shared: bool = False) -> None:
        self.path = path
        self._descriptor = descriptor
        self._shared = shared
        self._process = os.getpid()
        self._is_new = not (path.parent / "run.json").exists()
        self._made: tuple[Path, ...] = ()
        self.warning = "" if descriptor is not None else _no_locks(path.parent)

    @classmethod
    def take(
        cls, folder: Path, name: str = LOCK, *, shared: bool = False, brief: bool = False, wait: float = 0.0
    ) -> Self:
        """Take the lock of a run; the folder is made if it does not exist.

        Args:
            folder: The run directory.
            name: The file to lock in it.
            shared: Whether other processes may take it as shared, too.
            brief: Whether it will be held for a moment: others wait for it, and it waits for others.
            wait: Seconds to wait for another process; one that holds it for a moment is always waited for.

        Raises:
            RunInUseError: Another process holds it.
            ConfigError: The folder cannot be written.
            RunError: The lock cannot be taken for another reason, such as a full disk.
        """
        path, started = folder / name, time.monotonic()
        absent = tuple(place for place in folder.parents if not place.exists())
        while True:
            descriptor = _opened(path)
            taken = _locked(descriptor, shared=shared)
            if taken is None:
                with suppress(OSError):
                    if os.fstat(descriptor).st_size == 0:  # else it is of a process that could lock it
                        path.unlink()
                os.close(descriptor)
                return cls(path, None, shared=shared)
            if taken and _is_named(descriptor, path):
                describe(descriptor, brief=brief)
                _not_inherited(descriptor)
                lock = cls(path, descriptor, shared=shared)
                lock._made = absent
                return lock
            holder = {} if taken else holder_of(descriptor)
            os.close(descriptor)
            known = 0.0 if holder else UNKNOWN_SECONDS  # it may have locked the file and not described itself yet
            patience = max(wait, known, PATIENCE_SECONDS if brief or holder.get("brief") else 0.0)
            if not taken and time.monotonic() - started > patience:
                raise RunInUseError(_in_use(folder, holder))
            time.sleep(STEP_SECONDS)

    @classmethod
    @contextmanager
    def taken(cls, folder: Path, name: str = LOCK, *, brief: bool = False) -> Iterator[Self]:
        """Hold the lock of a run for a while; see `take`."""
        lock = cls.take(folder, name, brief=brief)
        try:
            yield lock
        finally:
            lock.release()

    def release(self) -> None:
        """Let others write. The file is removed, and so are new folders that nothing was written to."""
        if os.getpid() != self._process:
            return  # of the process that this one was forked from
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _held.discard(descriptor)
            with suppress(OSError):
                if not self._shared or _locked(descriptor, shared=False):
                    self.path.unlink()  # while it is locked, so that nobody locks a file that has no name any more
            os.close(descriptor)
        if self._is_new:
            with suppress(OSError):  # not empty: something was written
                self.path.parent.rmdir()
                for made in self._made or [self.path.parent.parent] * (self.path.parent.parent == Path(RUNS)):
                    made.rmdir()


def in_use_by(folder: Path) -> str:
    """Who holds the lock of a run, in words; empty where nobody does, or that is not known."""
    if not (folder / LOCK).is_file():  # a pipe would be waited for
        return ""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    try:
        holder = holder_of(descriptor)
        here, process = holder.get("host") == platform.node(), holder.get("process")
        # Asked without a lock where that suffices: it would be in a writer's way.
        may_live = not here or (process != os.getpid() and is_running(process))
        held = may_live and _locked(descriptor, shared=True) is False
    finally:
        os.close(descriptor)
    return f"in use by {in_words(holder)}" if held else ""


def belongs_to(folder: Path, process: int) -> bool:
    """Whether a process of this machine holds the lock of a run, so that those it started work under it."""
    if not (folder / LOCK).is_file():
        return False
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        holder = holder_of(descriptor)
    finally:
        os.close(descriptor)
    return (holder.get("process"), holder.get("host")) == (process, platform.node())


def _opened(path: Path, tries: int = 20) -> int:
    """Open the lock's file, in a folder that is made if need be; tries again where others remove that meanwhile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()  # icon makes none: what it points to is not emptied
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            return os.open(path, flags, 0o666)
        except PermissionError:
            return os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))  # of another user, who was killed
    except FileNotFoundError as error:
        if tries:
            return _opened(path, tries - 1)  # whoever had it has just removed the new folder
        raise ConfigError(
            f"--out {path.parent}: cannot be made ({error.strerror}); valid: a folder that can be made or written"
        ) from None
    except OSError as error:
        if error.errno in READ_ONLY:
            raise ConfigError(
                f"{path.parent}: is not writable ({error.strerror}); valid: a folder that can be made or written"
            ) from None
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from None


def _locked(descriptor: int, *, shared: bool) -> bool | None:
    """Try to lock; False where another process holds the lock, None where the file system has no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno == errno.EACCES:
            return False
        if error.errno in NO_LOCKS:
            return None
        raise RunError(f"the lock of the run cannot be taken: {error.strerror or error}") from None
    return True


def _not_inherited(descriptor: int) -> None:
    """Have a process that is forked from this one close the lock, so that it ends with this one."""
    if not _held and hasattr(os, "register_at_fork"):
        _register()
    _held.add(descriptor)


@cache
def _register() -> None:
    os.register_at_fork(after_in_child=_close_held)


def _close_held() -> None:
    while _held:
        os.close(_held.pop())


def _is_named(descriptor: int, path: Path) -> bool:
    """Whether the locked file still has its name: who held it before may have removed it since it was opened."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _in_use(folder: Path, holder: dict[str, object]) -> str:
    until = "wait until it ends"
    if holder.get("process"):
        here = holder.get("host") == platform.node()
        until += f", or stop it (kill {holder['process']}{'' if here else ' there'})"
    return f"{folder}: in use by {in_words(holder)}; nothing was changed. Valid: {until}, or use another --out"


def _no_locks(folder: Path) -> str:
    return (
        f"{folder}: its file system has no locks, so nothing prevents a second process from writing to this run; start "
        "no other one before this one ends"
    )
