"""Files and folders of an export, complete or absent; what is there already stays, unless it is the same."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from icon.errors import ConfigError, RunError
from icon.runs.writing import remove_temporaries, sync_directory, temporary_beside, to_json


@contextmanager
def placed(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place at the end; after an error nothing is left.

    A file that is there already with the same bytes, as an export leaves it that was killed before it said that it was
    done, is no obstacle.

    Args:
        path: Its place.
        force: Whether another file in its place may be overwritten.

    Raises:
        ConfigError: Another file is there, and may not be overwritten.
        RunError: It cannot be written.
    """
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_temporaries(path.parent)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _place(temporary, path, force=force)
        sync_directory(path.parent)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _place(temporary: Path, path: Path, *, force: bool) -> None:
    """Give a file its place, unless it is there already.

    Raises:
        ConfigError: Another file is there, and may not be overwritten.
    """
    if not force and os.path.lexists(path):
        if not _same(temporary, path):
            raise in_the_way(path)
        return
    temporary.replace(path)


def _same(first: Path, second: Path) -> bool:
    return second.is_file() and filecmp.cmp(first, second, shallow=False)


def in_the_way(path: Path) -> ConfigError:
    """The error of an export that would overwrite something else."""
    return ConfigError(f"{path}: exists and is left as it is; to overwrite it: --force; or give another --out")


@contextmanager
def staged(folder: Path, *, force: bool) -> Iterator[Path]:
    """A temporary folder beside the place, which takes its name at the end; after an error nothing is left.

    Where the folder is there already its files are replaced one by one, and others in it stay. Files that are there
    with the same bytes, as an export leaves them that was killed, are no obstacle.

    Args:
        folder: Its place.
        force: Whether other files in it may be overwritten.

    Raises:
        ConfigError: It is no folder's place, or holds other files, which may not be overwritten.
        RunError: It cannot be written.
    """
    folder = folder.resolve()  # "." has no name to put another beside
    if not folder.name:
        raise ConfigError(f"{folder}: nothing is exported there; valid: a folder's name as --out")
    temporary = temporary_beside(folder)
    try:
        temporary.mkdir(parents=True)
        remove_temporaries(folder.parent)
        yield temporary
        for path in _files(temporary):
            _sync(path)
        if folder.exists() and not force:
            _refuse_others(folder, temporary)
        if folder.exists():
            for path in _files(temporary):
                place = folder / path.relative_to(temporary)
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
        else:
            temporary.rename(folder)
        sync_directory(folder.parent)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_others(folder: Path, temporary: Path) -> None:
    """Refuse a folder in which another file is than those that are to be put there.

    Raises:
        ConfigError: There is one.
    """
    for path in _files(folder):
        if not _same(path, temporary / path.relative_to(folder)):
            raise in_the_way(path)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_lines(path: Path, records: Iterable[dict[str, Any]], *, force: bool = False) -> int:
    """Write one JSON object per line, all or nothing; gives their number. See `placed`.

    Raises:
        ConfigError: Another file is there, and may not be overwritten.
        RunError: The file cannot be written.
    """
    count = 0
    with placed(path, force=force) as file:
        for record in records:
            file.write(to_json(record) + b"\n")
            count += 1
    return count
