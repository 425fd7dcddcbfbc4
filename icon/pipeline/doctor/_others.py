"""The rest of a run directory: validation, exports, what killed processes left, and what is none of icon's."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from icon.errors import RunError
from icon.pipeline.doctor._records import Finding
from icon.results.validated import validated
from icon.results.wording import counted
from icon.runs.checksums import COVERED
from icon.runs.commits import leftovers
from icon.runs.directory import LOCK, RunDirectory
from icon.runs.given import is_given_file
from icon.runs.manifest import Manifest
from icon.runs.sealed import opened_line, read_bounded, read_sealed
from icon.runs.validation import StoredArm
from icon.runs.writing import dead_temporaries

FOLDERS = ("contributions", "validation", "export")
"""Folders of a run."""

TEMPORARY = re.compile(r"\.(?P<owner>.+\..+)\.\d+\.tmp")
"""A temporary name: that of the file, the machine and the process."""

SET_ASIDE = ".damaged"
"""Ending of a file that was set aside because it was damaged."""

TEXTS_OF_A_JUDGMENT = 3
"""In a line of `validation/answers/*.jsonl`: the request, and the choice in both orders."""


def left_over(directory: RunDirectory, manifest: Manifest | None, *, in_use: bool) -> Iterator[Finding]:
    """What killed processes left.

    Args:
        directory: The run directory.
        manifest: Its run.json; None where it cannot be read.
        in_use: Whether a process writes to the run, to which unpublished files may belong.
    """
    again = f"icon doctor {directory.path} --repair"
    if not in_use and manifest is not None:
        for path in leftovers(directory.path, manifest):
            what = "a page of an earlier selection" if path.suffix == ".html" else "a file that was never published"
            yield Finding(file=path.name, what=what, state="left over", command=again)
    for path in temporaries(directory.path, in_use=in_use):
        name = str(path.relative_to(directory.path))
        yield Finding(
            file=name, what="a temporary file", state="left over", found="its process has ended", command=again
        )


def temporaries(folder: Path, *, in_use: bool) -> list[Path]:
    """Temporary files of ended processes, in the run directory and the folders of a run.

    Args:
        folder: The run directory.
        in_use: Whether another process writes to the run, perhaps on another machine. Where none does, those of other
            machines are left over, too, but not in the folders that are written without the lock of the run.
    """
    measured = [folder, *_folders(folder / FOLDERS[0])]
    places = [*measured, *(path for name in FOLDERS[1:] for path in _folders(folder / name))]
    here = [path for place in places for path in dead_temporaries(place)]
    elsewhere = [] if in_use else [path for place in measured for path in sorted(place.glob(".*.tmp"))]
    return [*here, *(path for path in elsewhere if _is_of_another_machine(path.name))]


def _is_of_another_machine(name: str) -> bool:
    found = TEMPORARY.fullmatch(name)
    return found is not None and not found["owner"].endswith(f".{platform.node()}")


def _folders(top: Path) -> list[Path]:
    if top.is_symlink() or not top.is_dir():
        return []
    below = (path for path in top.rglob("*") if path.is_dir() and not path.is_symlink())
    return [top, *sorted(path for path in below if not path.name.startswith("."))]


def validation(directory: RunDirectory, manifest: Manifest | None) -> Iterator[Finding]:
    """The arms of a validation, and its verdict."""
    folder, again = directory.path / "validation", f"icon validate {directory.path}"
    if not folder.is_dir():
        return
    arms = sorted((folder / "arms").glob("*.json"))
    damaged = [path for path in arms if not _is_sound(path)]
    if len(arms) > len(damaged):
        yield Finding(
            file="validation/arms/", what=f"{counted(len(arms) - len(damaged), 'arm')} of a validation", state="ok"
        )
    for path in damaged:
        what = {"file": f"validation/arms/{path.name}", "what": "an arm of a validation", "state": "damaged"}
        yield Finding(**what, found="its losses do not fit its checksum", how="trained again", command=again)
    for path in (path for path in _sealed_files(folder) if not _is_whole(path)):
        what = {"file": str(path.relative_to(directory.path)), "what": "a file of a validation", "state": "damaged"}
        yield Finding(**what, found="its content does not fit its checksum", how=_how_again(path), command=again)
    if manifest is None or not (folder / "verdict.json").exists():
        return
    known = validated(directory.path, manifest)
    what = {"file": "validation/verdict.json", "what": "verdict of a validation"}
    if known.fault:
        yield Finding(**what, state="damaged", found=known.fault, how="made again from the arms", command=again)
    elif not known.is_current:
        yield Finding(**what, state="earlier selection", found="it judges another selection than the present one")
    else:
        yield Finding(**what, state="ok")


def _sealed_files(folder: Path) -> list[Path]:
    """The files of a validation that have a checksum of their content or of each line, without arms and verdict."""
    own = [folder / name for name in ("settings.json", "perplexity.json", "pairwise.json") if (folder / name).exists()]
    return [*own, *sorted((folder / "answers").glob("*.json")), *sorted((folder / "answers").glob("*.jsonl"))]


def _is_whole(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            read_sealed(path, "")
            return True
        lines = read_bounded(path).decode("utf-8", "replace").splitlines()
    except (OSError, RunError):
        return False
    return all(opened_line(line, TEXTS_OF_A_JUDGMENT) is not None for line in lines)


def _how_again(path: Path) -> str:
    if path.name == "settings.json":
        return "delete it: written again, and arms that are done stay"
    return "judged again" if path.suffix == ".jsonl" else "made again"


def _is_sound(path: Path) -> bool:
    try:
        stored = StoredArm.model_validate_json(read_bounded(path))
    except (OSError, ValidationError):
        return False
    return stored.checksum == sha256(stored.arm.model_dump_json().encode()).hexdigest()[:16]


def exports(directory: RunDirectory) -> Iterator[Finding]:
    """What `icon export` wrote into the run directory."""
    folder = directory.path / "export"
    if folder.is_symlink():
        yield Finding(
            file="export", what="a link", state="foreign", found=f"to {folder.readlink()}; nothing is written there"
        )
        return
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not path.name.startswith("."):
            name = f"export/{path.name}{'/' if path.is_dir() else ''}"
            yield Finding(file=name, what="an export", state="unchecked", found="no digest of it is kept")


def others(directory: RunDirectory) -> Iterator[Finding]:
    """Files that are set aside, and those that are none of icon's."""
    for path in sorted(directory.path.iterdir()):
        if path.name.endswith(SET_ASIDE):
            found = "it was set aside by --repair; delete it when nothing in it is missed"
            yield Finding(file=path.name, what="a damaged file", state="unchecked", found=found)
        elif not is_icons(path.name):
            yield Finding(file=path.name, what="none of icon's", state="foreign")


def is_icons(name: str) -> bool:
    """Whether icon gives a file of a run directory that name."""
    hidden = name.startswith(".") and name.endswith((".tmp", ".next"))
    known = name in ("run.json", *COVERED, *FOLDERS) or name.startswith(LOCK) or is_given_file(name)
    return known or hidden or name.endswith(SET_ASIDE)
