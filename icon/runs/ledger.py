"""Reading the files of a run as its run.json names them: by digest, whatever a killed or another process has left.

run.json is the one commit point of a run: it is replaced by one rename, and a file is of the run where it has the
digest that run.json names. Readers never write and need no lock.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from icon.errors import RunError
from icon.runs.checksums import COVERED, Covered, FileRecord, record_of
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.pins import CAN_PIN, Pins
from icon.runs.staging import staged_path

State = Literal["ok", "unknown", "absent", "missing", "damaged"]
"""Of a file, in this order: as run.json names it; there and not named, as in a run of an older version; not there and
not named; not there, though named; with other bytes."""

LOOKS = 50
"""How often a run is looked at while another process publishes one selection after another."""


def opened(path: Path) -> tuple[RunDirectory, Manifest]:
    """An existing run, with its files kept open: what is read of them later is of the run.json that is returned.

    Raises:
        WrongRunError: There is no run at the path, or its run.json is damaged.
    """
    directory = RunDirectory(path)
    for _ in range(LOOKS):
        before = _identity(directory.manifest_path)
        manifest = load_manifest(directory.manifest_path)
        if not CAN_PIN:
            break
        directory.pins = Pins((name, _places(path, name, manifest.files)) for name in COVERED)
        if _identity(directory.manifest_path) == before:  # run.json is replaced before files are
            break
    return directory, manifest


def open_checked(directory: RunDirectory, manifest: Manifest, name: Covered) -> BinaryIO:
    """Open a file of the run whose digest is that of run.json.

    Of a file that run.json does not name, as in a run of an older version, the digest is not known and not compared.

    Args:
        directory: The run directory.
        manifest: Its run.json.
        name: Name of the file.

    Raises:
        FileNotFoundError: It does not exist, and run.json does not name it.
        OSError: It cannot be opened, and run.json does not name it.
        RunError: It is missing or damaged; the message says how to make it again.
    """
    wanted, plain = manifest.files.get(name), directory.path / name
    if wanted is None:
        pinned = directory.pins.file(name) if directory.pins else None
        return _regular(pinned or _open(plain), plain)
    found = f"{plain}: does not exist"
    for file in _candidates(directory, name, wanted):
        try:
            size = os.fstat(_regular(file, plain).fileno()).st_size
            record = record_of(file) if size == wanted.size else None
        except OSError as error:
            file.close()
            found = f"{plain}: cannot be read ({error.strerror or error})"
            continue
        if record == wanted:
            return file
        file.close()
        what = f"{size:,} bytes" if record is None else f"the SHA-256 {record.digest}"
        valid = f"{wanted.size:,} bytes" if record is None else wanted.digest
        found = f"{plain}: damaged or changed since the run wrote it: found {what}, run.json has {valid}"
    if directory.pins is None and (now := load_manifest(directory.manifest_path)).files.get(name) not in (None, wanted):
        return open_checked(directory, now, name)  # another process has published since run.json was read
    raise RunError(f"{found}; to see what can be made again: icon doctor {directory.path}, to do it: --repair")


def read_checked(directory: RunDirectory, manifest: Manifest, name: Covered) -> bytes:
    """The bytes of a file of the run; see `open_checked`."""
    with open_checked(directory, manifest, name) as file:
        return file.read()


@contextmanager
def readable(directory: RunDirectory, manifest: Manifest, name: Covered) -> Iterator[Path]:
    """A path under which a file of the run can be read by name, by a reader that takes paths alone.

    Raises:
        FileNotFoundError: It does not exist, and run.json does not name it.
        RunError: It is missing or damaged.
    """
    plain, wanted = directory.path / name, manifest.files.get(name)
    if state_of(directory, manifest, name) == "unknown" or _holds(plain, wanted):
        yield plain
        return
    with tempfile.TemporaryDirectory() as folder, open_checked(directory, manifest, name) as file:
        copy = Path(folder) / name
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target)
        yield copy


def state_of(directory: RunDirectory, manifest: Manifest, name: Covered) -> State:
    """What became of a file; it is read in full."""
    plain, wanted = directory.path / name, manifest.files.get(name)
    if wanted is None:
        return "unknown" if plain.exists() else "absent"
    places = _places(directory.path, name, manifest.files)
    if any(_holds(path, wanted) for path in places):
        return "ok"
    return "damaged" if plain.exists() else "missing"


def _places(folder: Path, name: Covered, files: Mapping[Covered, FileRecord]) -> tuple[Path, ...]:
    """Where a file is to be looked for: staged, since it is renamed from there, and under its name."""
    plain = folder / name
    return (staged_path(folder, name, files[name]), plain) if name in files else (plain,)


def _candidates(directory: RunDirectory, name: Covered, wanted: FileRecord) -> Iterator[BinaryIO]:
    """Open files that may have the wanted digest; a staged file may get its name in between, so that comes last."""
    pinned = directory.pins.file(name) if directory.pins else None
    if pinned is not None:
        yield pinned
    plain = directory.path / name
    for path in (plain, staged_path(directory.path, name, wanted), plain):
        try:
            yield _open(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({error.strerror or error})") from None


def _open(path: Path) -> BinaryIO:
    """Open a file for reading; a pipe is opened without waiting for a writer."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0)))


def _regular(file: BinaryIO, path: Path) -> BinaryIO:
    """The file, if it is one.

    Raises:
        RunError: It is a folder, a pipe or a device.
    """
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise RunError(f"{path}: found a folder, pipe or device; valid: a file. To see what can be made again: icon doctor")


def _holds(path: Path, wanted: FileRecord | None) -> bool:
    try:
        with _open(path) as file:
            size = os.fstat(file.fileno()).st_size
            return wanted is not None and size == wanted.size and record_of(file) == wanted
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_dev, known.st_ino, known.st_mtime_ns, known.st_size
