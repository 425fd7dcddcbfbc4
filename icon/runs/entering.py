"""Opening a run to write to it: under its lock, with what killed processes left finished or removed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from icon.config import RunConfig
from icon.errors import RunInUseError
from icon.runs.commits import finish, leftovers
from icon.runs.directory import LOCK, RunDirectory
from icon.runs.ledger import opened
from icon.runs.links import refuse_links
from icon.runs.lock import RunLock, belongs_to
from icon.runs.manifest import Manifest, load_manifest

TAKE_OVER_SECONDS = 10.0
"""How long a worker waits for one that worked for a process that was killed, and that is about to end."""


class Entered:
    """A run that this process has opened, and the locks of it that it holds.

    Args:
        directory: The run directory.
        manifest: Its run.json.
        locks: Held until `close`.
        warnings: What the user should know of the locks.
    """

    def __init__(
        self, directory: RunDirectory, manifest: Manifest, locks: ExitStack, warnings: tuple[str, ...] = ()
    ) -> None:
        self.directory = directory
        self.manifest = manifest
        self.warnings = warnings
        self._locks = locks

    def close(self) -> None:
        """Let others write to the run."""
        self._locks.close()


def begin(path: Path, config: RunConfig, *, writing: bool = True) -> Entered:
    """Begin a run in a folder, or go on with the one in it.

    Args:
        path: The folder.
        config: The settings.
        writing: Whether anything will be written; else nothing is locked, and no folder is made.

    Raises:
        RunInUseError: Another process writes to it.
        ConfigError: The run in this folder has other settings, the folder cannot be made, or one in it leads elsewhere.
        WrongRunError: The folder holds something else than an icon run.
    """
    refuse_links(path)
    directory = RunDirectory(path)
    if not writing:
        return Entered(directory, directory.open(config), ExitStack())
    directory.refuse_other()  # before a file is put into it
    return _locked(path, lambda: (directory, directory.open(config)))


def reopen(path: Path, *, writing: bool = False) -> Entered:
    """Open an existing run, to read it or to write to it.

    Raises:
        WrongRunError: There is no run at the path, or its run.json is damaged.
        RunInUseError: Another process writes to it.
        ConfigError: It is to be written and cannot be.
    """
    refuse_links(path)
    if not writing:
        return Entered(*opened(path), ExitStack())
    load_manifest(RunDirectory(path).manifest_path)  # before a folder is made for the lock
    return _locked(path, lambda: (RunDirectory(path), load_manifest(RunDirectory(path).manifest_path)))


def reopen_share(path: Path, share: str, parent: int | None = None) -> Entered:
    """Open an existing run to measure one share of it, beside processes that measure the others.

    Args:
        path: The run directory.
        share: Name of the share, such as "2-of-4".
        parent: Process that this one works for, under whose lock it writes.

    Raises:
        WrongRunError: There is no run at the path, or its run.json is damaged.
        RunInUseError: Another process measures this share, or writes to the run as a whole.
        ConfigError: The run cannot be written.
    """
    load_manifest(RunDirectory(path).manifest_path)
    refuse_links(path)
    with ExitStack() as stack:
        locks = []
        if parent is None or not belongs_to(path, parent):
            locks.append(RunLock.take(path, shared=True))
            stack.callback(locks[-1].release)
        wait = 0.0 if parent is None else TAKE_OVER_SECONDS
        locks.append(RunLock.take(path, f"{LOCK}-{share}", wait=wait))
        stack.callback(locks[-1].release)
        warnings = tuple(dict.fromkeys(lock.warning for lock in locks if lock.warning))
        return Entered(*opened(path), stack.pop_all(), warnings)


def _locked(path: Path, read: Callable[[], tuple[RunDirectory, Manifest]]) -> Entered:
    """Lock a run, read it, and finish or remove what killed processes left."""
    with ExitStack() as stack:
        lock = RunLock.take(path)
        stack.callback(lock.release)
        directory, manifest = read()
        if not lock.warning:  # else what looks left over may be in the works elsewhere
            _tidy(directory, manifest)
        return Entered(directory, manifest, stack.pop_all(), (lock.warning,) if lock.warning else ())


def _tidy(directory: RunDirectory, manifest: Manifest) -> None:
    """Finish or remove what killed processes left in a run that is locked."""
    if directory.manifest_path.exists():
        finish(directory, manifest)
    else:
        for left in leftovers(directory.path, None):
            left.unlink(missing_ok=True)
    for path in directory.path.glob(f"{LOCK}-*"):
        with suppress(RunInUseError):  # its process lives
            RunLock.take(directory.path, path.name).release()
