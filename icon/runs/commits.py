"""Publishing files of a run: run.json names their digests, so the one rename that replaces run.json publishes them all.

Files are staged first. After run.json is replaced the staged files get their plain names; a process that is killed in
between leaves that to the next one that writes, and readers take the staged file meanwhile. Only a process that has
locked the run may call these functions.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from icon.errors import RunError
from icon.runs.checksums import COVERED, Covered, FileRecord, record_of
from icon.runs.directory import RunDirectory
from icon.runs.lock import RunLock
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.regular import open_regular
from icon.runs.staging import STAGED, stage, staged_path
from icon.runs.writing import remove_temporaries, sync_directory

MANIFEST = "run.json"
OF_A_SELECTION: Covered = "scores.parquet"
NOT_OF_EACH: tuple[Covered, ...] = ("report.html", "selected.jsonl", "dropped.jsonl")
"""Files that a selection may lack: its page may fail, and what was measured may carry no choice."""


def commit(directory: RunDirectory, manifest: Manifest, staged: Mapping[Covered, FileRecord]) -> Manifest:
    """Replace run.json, which publishes the staged files, and give them their plain names.

    Args:
        directory: The run directory.
        manifest: The new content of run.json.
        staged: The files to publish.

    Returns:
        The content of run.json with the digests of the published files.

    Raises:
        RunError: A file cannot be written. Where that is run.json, nothing is published.
    """
    published = manifest.updated(files={**manifest.files, **staged})
    if staged:
        sync_directory(directory.path)  # their staged names are on the disk before run.json names them
    try:
        published.save(directory.manifest_path)
    except RunError:
        withdraw(directory, staged)
        raise
    moved = [_publish(directory.path, name, record) for name, record in staged.items()]
    if any([*moved, _remove(stale(directory.path, published))]):
        sync_directory(directory.path)
    return published


def withdraw(directory: RunDirectory, staged: Mapping[Covered, FileRecord]) -> None:
    """Delete staged files that are not to be published."""
    _remove(staged_path(directory.path, name, record) for name, record in staged.items())


def finish(directory: RunDirectory, manifest: Manifest) -> list[Path]:
    """Finish a commit that a process was killed in, and remove what killed processes left.

    A staged file that run.json does not name was never published, and a page or records that it does not name are of
    an earlier selection.

    Args:
        directory: The run directory.
        manifest: Its run.json.

    Returns:
        What was moved or removed.

    Raises:
        RunError: A file cannot be moved.
    """
    folder, done = directory.path, []
    for name, record in manifest.files.items():
        staged = staged_path(folder, name, record)
        if not _is_complete(staged, record):
            _remove([staged])
        elif _publish(folder, name, record):
            done.append(folder / name)
    leftover = leftovers(folder, manifest)
    _remove(leftover)
    remove_temporaries(folder)  # a folder that an export of this machine was writing
    if done or leftover:
        sync_directory(folder)
    return [*done, *leftover]


def leftovers(folder: Path, manifest: Manifest | None) -> list[Path]:
    """Staged and half-written files that run.json does not name, and files of an earlier selection.

    While another process writes to the run its files are among them.

    Args:
        folder: The run directory.
        manifest: Its run.json; None where it has none yet.
    """
    files = {} if manifest is None else manifest.files
    wanted = {staged_path(folder, name, record).name for name, record in files.items()}
    found = [
        path
        for path in sorted(folder.glob(".*.next"))
        if (match := STAGED.fullmatch(path.name)) and match["name"] in COVERED and path.name not in wanted
    ]
    found += [path for name in (*COVERED, MANIFEST) for path in sorted(folder.glob(f".{name}.*.tmp"))]
    return found if manifest is None else [*found, *stale(folder, manifest)]


def stale(folder: Path, manifest: Manifest) -> list[Path]:
    """Files of an earlier selection, where run.json names the table of this one and not them."""
    if OF_A_SELECTION not in manifest.files:
        return []
    return [folder / name for name in NOT_OF_EACH if name not in manifest.files and (folder / name).is_file()]


def _publish(folder: Path, name: Covered, record: FileRecord) -> bool:
    """Give a staged file its plain name; False where it has it already."""
    try:
        staged_path(folder, name, record).replace(folder / name)
    except FileNotFoundError:
        if _is_complete(folder / name, record):
            return False
        raise RunError(
            f"{folder / name}: the file that was to be published is gone: another process has removed it; to see what "
            f"can be made again: icon doctor {folder}, to do it: --repair"
        ) from None
    except OSError as error:
        raise RunError(
            f"{folder / name}: cannot be written: {error.strerror or error}; what it is to hold is published already "
            f"as {staged_path(folder, name, record).name}, and the next command that writes to the run moves it"
        ) from error
    return True


def _remove(paths: Iterable[Path]) -> bool:
    """Delete files; whether there was one."""
    found = False
    for path in paths:
        found = True
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return found


def _is_complete(path: Path, record: FileRecord) -> bool:
    try:
        with open_regular(path) as file:
            return record_of(file) == record
    except OSError:
        return False


def publish_beside(directory: RunDirectory, name: Covered, make: Callable[[Manifest], bytes]) -> Manifest:
    """Write one file of a run that this process only reads otherwise, and its digest in run.json; all else stays.

    Args:
        directory: The run directory.
        name: Name of the file.
        make: Gives its bytes from run.json as it is now, which may be another one than this process has read.

    Returns:
        The content of run.json.

    Raises:
        RunInUseError: Another process writes to the run.
        RunError: It cannot be written.
    """
    with RunLock.taken(directory.path, brief=True) as lock:
        manifest = load_manifest(directory.manifest_path)
        if lock.warning:  # what looks left over may be in the works elsewhere
            warnings.warn(lock.warning, stacklevel=3)
        else:
            finish(directory, manifest)
        with stage(directory.path, name) as file:
            file.write(make(manifest))
        assert file.record is not None
        return commit(directory, manifest, {name: file.record})
