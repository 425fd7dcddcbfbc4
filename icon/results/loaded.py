"""A finished run and its validation, opened for whoever asks about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from icon.errors import WrongRunError
from icon.runs.directory import RunDirectory
from icon.runs.ledger import opened
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.unfinished import not_done


def finished(path: Path) -> tuple[RunDirectory, Manifest]:
    """A run that is finished, or was stopped with a selection: its directory, and its run.json.

    Raises:
        WrongRunError: It is no run directory, or nothing was selected yet.
    """
    directory, manifest = opened(path)
    if manifest.status == "running" or manifest.results is None:
        raise WrongRunError(not_done(path, manifest))
    return directory, manifest


def with_selection(path: Path) -> tuple[RunDirectory, Manifest]:
    """A finished run that selected something, as `finished`.

    Raises:
        WrongRunError: As there, or what was measured carries no choice; the message says what to do.
    """
    directory, manifest = finished(path)
    if not manifest.has_selection:
        from icon.results.advice import advice

        said = advice(manifest, None, path)
        raise WrongRunError(f"{path}: nothing is selected. {said.sentence} Next: {'; '.join(said.commands[:1])}")
    return directory, manifest


def validation_of(path: Path) -> dict[str, Any]:
    """The outcome of a run's validation as plain data, with its sentences, and whether it is of this selection.

    Raises:
        WrongRunError: It is no run directory, or was not validated.
        RunError: The verdict cannot be read.
    """
    from icon.results import wording
    from icon.results.validated import Validated, selected_digest
    from icon.runs.validation import read_validation

    manifest, found = load_manifest(RunDirectory(path).manifest_path), read_validation(path)
    if found is None:
        raise WrongRunError(f"{path}: the selection was not validated; icon validate {path} does it")
    current = Validated(found, found.selection == selected_digest(path, manifest))
    facts = dict(wording.validation(current))
    return {**found.model_dump(mode="json"), "facts": facts, "is_current": current.is_current}
