"""A run directory looked at: nothing is written, and neither a model nor a plugin is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from icon.errors import WrongRunError
from icon.pipeline.doctor._files import covered, manifest_finding
from icon.pipeline.doctor._others import exports, is_icons, left_over, others, validation
from icon.pipeline.doctor._parts import parts
from icon.pipeline.doctor._records import Examined, Finding
from icon.runs.directory import RunDirectory
from icon.runs.lock import in_use_by
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.unfinished import going_on


def examine(path: Path, repaired: Sequence[str] = (), not_repaired: Sequence[str] = ()) -> Examined:
    """The state of a run directory.

    Args:
        path: The run directory.
        repaired: What was repaired just before.
        not_repaired: What could not be.

    Raises:
        WrongRunError: It is no folder, or holds nothing of a run.
    """
    refuse_other(path)
    directory, holder = RunDirectory(path), in_use_by(path)
    manifest, fault = manifest_of(directory)
    found = tuple(_findings(directory, manifest, fault, in_use=bool(holder)))
    return Examined(
        run=str(path),
        sound=not any(finding.is_wrong for finding in found) and not not_repaired,
        findings=found,
        notes=tuple(_notes(manifest, holder, path)),
        repaired=tuple(repaired),
        not_repaired=tuple(not_repaired),
    )


def refuse_other(path: Path) -> None:
    """Refuse a folder that holds nothing of a run.

    Raises:
        WrongRunError: It is no folder, or holds nothing of a run.
    """
    if not path.is_dir():
        raise WrongRunError(f"{path}: {'is a file' if path.exists() else 'does not exist'}; valid: the folder of a run")
    if not any(is_icons(entry.name) for entry in path.iterdir()):
        raise WrongRunError(f"{path}: holds nothing of a run; valid: the folder of a run")


def manifest_of(directory: RunDirectory) -> tuple[Manifest | None, str]:
    """run.json, or why it cannot be read."""
    try:
        return load_manifest(directory.manifest_path), ""
    except WrongRunError as error:
        return None, str(error).removeprefix(f"{directory.manifest_path}: ").partition("; valid: ")[0]


def _findings(directory: RunDirectory, manifest: Manifest | None, fault: str, *, in_use: bool) -> Iterator[Finding]:
    yield manifest_finding(directory, fault)
    if manifest is not None:
        yield from covered(directory, manifest)
    yield from parts(directory, manifest)
    yield from validation(directory, manifest)
    yield from exports(directory)
    yield from left_over(directory, manifest, in_use=in_use)
    yield from others(directory)


def _notes(manifest: Manifest | None, holder: str, path: Path) -> Iterator[str]:
    if holder:
        yield f"{holder}: what it has in work may look unfinished"
    if manifest is not None and manifest.status != "done":
        yield f"the run is {manifest.status}, not done. To go on: {going_on(path)}"
