"""Folders and JSON Lines that are complete or absent."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from icon.errors import ConfigError, RunError
from icon.runs.writing import atomic, sync_directory, to_json


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A temporary folder beside the place, which takes its name at the end; after an error nothing is left.

    Where the folder is there already its files are replaced one by one, and others in it stay.

    Raises:
        ConfigError: It is no folder's place.
        RunError: It cannot be written.
    """
    folder = folder.resolve()  # "." has no name to put another beside
    if not folder.name:
        raise ConfigError(f"{folder}: nothing is exported there; valid: a folder's name as --out")
    temporary = folder.with_name(f".{folder.name}.{platform.node()}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield temporary
        for path in _files(temporary):
            _sync(path)
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


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object per line, all or nothing; gives their number.

    Raises:
        RunError: The file cannot be written.
    """
    count = 0
    with atomic(path) as file:
        for record in records:
            file.write(to_json(record) + b"\n")
            count += 1
    return count
