"""Reads what a page is drawn from and writes the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from icon.errors import ConfigError, RunError, WrongRunError
from icon.hooks.manager import Plugins
from icon.hooks.sections import RunView, Section
from icon.report.page.document import render
from icon.report.page.inputs import PageInput
from icon.runs.atomic import write_bytes
from icon.runs.directory import RunDirectory
from icon.runs.explained import TokenDetail, read_details
from icon.runs.manifest import Manifest
from icon.runs.place import refuse_place
from icon.runs.records import plain
from icon.runs.samples_file import assessment_of
from icon.runs.scores import ScoreRow, read_scores
from icon.types import Sample

BEGINNING = b"<!doctype html>"
"""How a page begins."""


def write_report(
    directory: RunDirectory,
    manifest: Manifest,
    samples: Mapping[str, Sample],
    *,
    plugins: Plugins | None = None,
    notes: list[str] | None = None,
    out: Path | None = None,
) -> Path:
    """Draw the page of a run that has selected, and write it; gives its path.

    Args:
        directory: The run directory.
        manifest: What run.json says, or will say.
        samples: The pool's samples by id; rows without one are shown without texts.
        plugins: Plugins that may add sections; None for none.
        notes: What a reader should know of how the page was made; what is found on the way is added to it.
        out: The file to write; None for report.html in the run directory.

    Raises:
        RunError: Nothing is selected yet, a file of the run is damaged, or the page cannot be written.
        ConfigError: There is a file in the place that is no such page.
    """
    path = out or directory.report
    _refuse_other_file(path)
    if manifest.stages.select is None or manifest.results is None:
        raise WrongRunError(
            f"{directory.path}: nothing is selected yet, so there is nothing to report; run `icon select` first"
        )
    rows = read_scores(directory.scores)
    notes = [] if notes is None else notes
    sections = _sections(directory, manifest, rows, plugins, notes)
    page = PageInput(
        path=str(directory.path),
        manifest=manifest,
        rows=rows,
        samples=samples,
        assessment=_assessment(directory, manifest, notes),
        details=_details(directory, notes),
        sections=sections,
        notes=notes,
    )
    write_bytes(path, render(page).encode("utf-8", "replace"))
    return path


def _refuse_other_file(path: Path) -> None:
    """Refuse to write over anything but a page: not over another file, and not over a folder, a pipe or a device."""
    refuse_place(path.parent, str(path))
    if not path.exists():
        return
    if not path.is_file():
        raise ConfigError(f"{path}: is a {'folder' if path.is_dir() else 'pipe or device'}; valid: a file as --out")
    try:
        with path.open("rb") as file:
            found = file.read(len(BEGINNING))
    except OSError as error:
        raise ConfigError(f"{path}: exists and cannot be read ({error.strerror}); valid: another --out") from None
    if found and found.lower() != BEGINNING:
        raise ConfigError(f"{path}: exists and is no page of a report; valid: another --out")


def _details(directory: RunDirectory, notes: list[str]) -> list[TokenDetail]:
    """The token details; a file that cannot be read is told and left out."""
    try:
        return read_details(directory.explained)
    except RunError as error:
        notes.append(f"tokens are not shown: {error}")
        return []


def _assessment(directory: RunDirectory, manifest: Manifest, notes: list[str]) -> list[Sample]:
    """The assessment set, for the tasks behind token details; a changed one is told and left out."""
    try:
        return assessment_of(directory, manifest)
    except RunError as error:
        notes.append(f"the assessment set is not shown: {error}")
        return []


def _sections(
    directory: RunDirectory, manifest: Manifest, rows: Sequence[ScoreRow], plugins: Plugins | None, notes: list[str]
) -> list[Section]:
    """What plugins add; a plugin that could not is a note."""
    if plugins is None:
        return []
    view = RunView(directory.path, manifest.config.model_dump(mode="json"), dict(plain(manifest.results)), tuple(rows))
    found, faults = plugins.report_sections(view)
    notes += faults
    return found
