"""What to do with a run that is not done: one command, whatever was asked of it."""

from __future__ import annotations

import shlex
from pathlib import Path

from icon.runs.manifest import Manifest


def going_on(run: str | Path, more: str = "") -> str:
    """The command that goes on with a run from its own run.json, with `more` options."""
    return f"icon run --config {shlex.quote(f'{run}/run.json')}{more} --out {shlex.quote(str(run))}"


def not_done(run: str | Path, manifest: Manifest) -> str:
    """That a run has selected nothing yet, and how far it is, with the command that goes on with it.

    One that was not stopped may be on its way stage by stage: then it is the next stage's.
    """
    where, stages = shlex.quote(str(run)), manifest.stages
    if manifest.status == "interrupted":
        return f"{run}: the run was stopped before anything was selected. To go on: {going_on(run)}"
    if stages.score is not None:
        return f"{run}: the run is not done: all is scored, and nothing is selected yet. Next: icon select {where}"
    if stages.assess is not None:
        return f"{run}: the run is not done: nothing is scored yet. Next: icon score {where}"
    return f"{run}: the run is not done: nothing is selected yet. To go on: {going_on(run)}"
