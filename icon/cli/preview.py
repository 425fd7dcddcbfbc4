"""`icon preview`: a run with the local quantised model, within five minutes, and an honest word about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from icon.cli.console import out
from icon.cli.plan import duration
from icon.cli.run import end, perform_run
from icon.cli.settings import settings_command
from icon.config import RunConfig

if TYPE_CHECKING:
    from icon.runs.manifest import Manifest

SETTINGS: dict[str, Any] = {"backend": "llamacpp", "schedule": "race", "budget": "5m", "capture": 1.0}
"""What a preview is unless told otherwise: it uses its budget up rather than ending at a choice good enough."""
DOC = "Preview a selection from a POOL in five minutes, with the local quantised model, and say how far to trust it."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview")(settings_command(_preview, DOC, SETTINGS))


def _preview(config: RunConfig, path: Path | None, devices: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    manifest = perform_run(config, path, devices, dry_run=dry_run, as_json=as_json, closing=_judged)
    if manifest is None:
        return
    if not as_json and (judged := _judged(manifest)):
        out().print("\n" + "\n".join(sentences(judged["judgement"])), markup=False, soft_wrap=True)
    end(manifest)


def _judged(manifest: Manifest) -> dict[str, Any]:
    from icon.report.judgement import judgement

    return {"judgement": judgement(manifest.results, manifest.times)} if "race" in manifest.results else {}


def sentences(judgement: Mapping[str, Any]) -> list[str]:
    """The judgement in sentences: how far to trust it, what all of it would take, what would help most."""
    return [_trust(judgement), _whole(judgement), _help(judgement)]


def _trust(judgement: Mapping[str, Any]) -> str:
    capture = judgement["capture"]
    word = (
        "enough to choose by" if capture >= 0.9 else "a rough guide" if capture >= 0.6 else "hardly more than a guess"
    )
    return (
        f"The ranking's reliability is {judgement['reliability']:.2f}; the choice is expected to capture {capture:.0%} "
        f"of the gain of measuring every pair: {word}."
    )


def _whole(judgement: Mapping[str, Any]) -> str:
    here = judgement["full_seconds_here"]
    time_here = f", {duration(here)} here" if here else ""
    return (
        f"Every pair of the whole pool is about {judgement['full_tokens']:,} tokens{time_here}; with an 8B model on a "
        f"GPU that sustains 200 TFLOP/s about {duration(judgement['full_seconds_gpu'])}."
    )


def _help(judgement: Mapping[str, Any]) -> str:
    now = judgement["gain_now"]
    if not now:
        return "Everything that was scored is kept: there is no choice that more measuring could better."
    samples = f"{judgement['gain_with_twice_the_samples'] / now - 1:.0%}"
    if judgement["gain_with_twice_the_candidates"] is None:
        return f"Every candidate was scored; twice the assessment samples would raise the expected gain by {samples}."
    candidates = f"{judgement['gain_with_twice_the_candidates'] / now - 1:.0%}"
    most = "candidates" if judgement["helps_most"] == "candidates" else "assessment samples"
    return (
        f"More {most} would help most: twice the candidates would raise the expected gain by {candidates}, twice the "
        f"assessment samples by {samples}."
    )
