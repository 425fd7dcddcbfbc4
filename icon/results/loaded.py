"""A finished run, as Python code sees it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.config import RunConfig
from icon.errors import WrongRunError
from icon.runs.checksums import Covered
from icon.runs.directory import RunDirectory
from icon.runs.ledger import opened, read_checked, readable
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.scores import scores_of
from icon.types import ScoreRow

if TYPE_CHECKING:
    from datasets import Dataset
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run.

    Attributes:
        path: The run directory.
        config: The settings that replay it.
        summary: The closing summary as plain data.
    """

    path: Path
    config: RunConfig
    summary: dict[str, Any]

    @property
    def rows(self) -> list[ScoreRow]:
        """scores.parquet as records."""
        return scores_of(*opened(self.path))

    def scores(self) -> DataFrame:
        """scores.parquet as a pandas table."""
        import pandas

        return pandas.read_parquet(BytesIO(read_checked(*opened(self.path), "scores.parquet")))

    def selected(self) -> Dataset:
        """selected.jsonl as a `datasets` table."""
        return _dataset(self.path, "selected.jsonl")

    def dropped(self) -> Dataset:
        """dropped.jsonl as a `datasets` table."""
        return _dataset(self.path, "dropped.jsonl")


def result_of(path: Path, manifest: Manifest) -> RunResult:
    """The result of a run whose run.json has a summary."""
    assert manifest.results is not None
    return RunResult(path, manifest.config, manifest.results.model_dump(mode="json"))


def finished(path: Path) -> tuple[RunDirectory, Manifest]:
    """A finished run: its directory, and its run.json.

    Raises:
        WrongRunError: It is no run directory, or the run is not finished.
    """
    directory, manifest = opened(path)
    if manifest.status != "done" or manifest.results is None:
        scored = manifest.stages.score is not None and manifest.status == "running"
        advice = f"icon select {path} finishes it" if scored else "the command that began it goes on with it"
        raise WrongRunError(f"{path}: the run is {manifest.status}, not done; {advice}")
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


def _dataset(run: Path, name: Covered) -> Dataset:
    from datasets import load_dataset

    with readable(*opened(run), name) as path:
        return load_dataset("json", data_files=str(path), split="train")
