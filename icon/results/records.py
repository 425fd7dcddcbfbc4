"""What commands that do something with a run print as JSON, as frozen records."""

from __future__ import annotations

from pathlib import Path

from icon.results import wording
from icon.results.advice import Advice, advice
from icon.results.validated import validated
from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.runs.records import AssessStage, Record, ScoreStage, Stages, Times


class OfRun(Record):
    """Names the run directory."""

    run: str


class RunSummary(Summary, OfRun):
    """The closing summary of a run, printed by `icon run`, `icon preview` and `icon select`.

    Attributes:
        advice: What to do with the selection, why, and with which command.
        facts: The facts in sentences, by name.
        warnings: What the user should know, by the stage that reported it.
        stages: Each finished stage with its counts.
        times: Everything that differs between two runs of the same settings.
    """

    advice: Advice
    facts: dict[str, str]
    warnings: dict[str, tuple[str, ...]]
    stages: Stages
    times: Times


class Assessed(OfRun):
    """The outcome of stage 1, printed by `icon assess`."""

    assess: AssessStage


class Scored(OfRun):
    """The outcome of stage 2, printed by `icon score`."""

    score: ScoreStage


class Reported(OfRun):
    """A report that was written: its path, its size in bytes, and what it lacks; printed by `icon report`."""

    report: str
    bytes: int
    notes: tuple[str, ...]


def summary_of(manifest: Manifest, path: Path) -> RunSummary:
    """The closing summary of a run that has selected."""
    results, found = manifest.results, validated(path, manifest)
    assert results is not None
    return RunSummary(
        run=str(path),
        **dict(results),
        advice=advice(manifest, found, path),
        facts=dict(wording.facts(manifest, found)),
        warnings=manifest.warnings,
        stages=manifest.stages,
        times=manifest.times,
    )


def stage_of(manifest: Manifest, path: Path, stage: str) -> Assessed | Scored:
    """The outcome of the stage "assess" or "score", which is finished."""
    stages = manifest.stages
    if stage == "assess":
        assert stages.assess is not None
        return Assessed(run=str(path), assess=stages.assess)
    assert stages.score is not None
    return Scored(run=str(path), score=stages.score)
