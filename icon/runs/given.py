"""Pools that have no address: what came from standard input or as a Python object is kept in the run directory."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from icon.errors import InputError
from icon.runs.writing import atomic

STDIN = "-"
"""The pool setting of a run whose records came from standard input."""

NAME = "given_pool"
"""Name of the file in the run directory, without its endings."""

_OBJECT = re.compile(r"<\w+>")


def is_given(pool: str) -> bool:
    """Whether a pool setting says that the run directory holds the records: "-", or a Python object's type: "<list>".

    So the folder may be moved, and the run goes on.
    """
    return pool == STDIN or _OBJECT.fullmatch(pool) is not None


def given_path(run: Path) -> Path | None:
    """The file in a run directory that holds its given pool; None where there is none."""
    if not run.is_dir():
        return None
    found = [path for path in run.iterdir() if is_given_file(path.name)]
    return min(found, default=None)


def is_given_file(name: str) -> bool:
    """Whether a file of that name in a run directory is its given pool."""
    return name.split(".")[0] == NAME and not name.endswith(".tmp")


def given_pool(run: Path, pool: str) -> Path:
    """The file in a run directory that holds its given pool.

    Raises:
        InputError: It is gone, or a link out of the folder.
    """
    found = given_path(run)
    if found is None:
        raise InputError(
            f"{run}: has no {NAME} any more, the copy of the pool {pool} that this run was given; valid: that file. "
            "Put it back, or give the same records again"
        )
    if not found.resolve().is_relative_to(run.resolve()):
        raise InputError(f"{found}: a link that leads out of the run directory; valid: a file in it")
    return found


def write_given(run: Path, ending: str, write: Callable[[BinaryIO], None]) -> Path:
    """Write the given pool into a run directory, whole or not at all; returns its path.

    Args:
        run: The run directory, which is made if it is not there.
        ending: The ending of its kind of file, such as ".jsonl".
        write: Writes its content to an open file.
    """
    path = run / f"{NAME}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        write(file)
    return path
