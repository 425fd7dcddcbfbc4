"""What to do with a run that is not done: one command, whatever was asked of it."""

from __future__ import annotations

import shlex
from pathlib import Path

from icon.runs.manifest import Manifest


def going_on(run: str | Path, more: str = "") -> str:
    """The command that goes on with a run from its own run.json, with `more` options."""
    return f"icon run --config {shlex.quote(f'{run}/run.json')}{more} --out {shlex.quote(str(run))}"


def not_done(run: str | Path, manifest: Manifest) -> str:
    """That a run has selected nothing yet, and how far it is, with the command that goes on with it."""
    if manifest.status == "running" and manifest.stages.score is not None:
        return f"{run}: the run is not done: everything is scored, and nothing is selected yet. Next: icon select {run}"
    was = "was stopped" if manifest.status == "interrupted" else "is not done"
    return f"{run}: the run {was} before anything was selected. To go on: {going_on(run)}"
