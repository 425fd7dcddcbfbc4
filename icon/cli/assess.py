"""`icon assess`: stage 1 alone, the beginning of a run directory."""

from __future__ import annotations

from pathlib import Path

import typer

from icon.cli._options import settings_command
from icon.cli._places import Places
from icon.cli._working import working
from icon.config import RunConfig
from icon.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("assess")(
        settings_command(_assess, "Begin a run: read the POOL and build its assessment set (stage 1).")
    )


def _assess(config: RunConfig, out: Path | None, places: Places, dry_run: bool, as_json: bool) -> None:
    from icon.cli._closing import show_stage
    from icon.pipeline import stages

    if places.named and not dry_run:
        raise ConfigError(
            f"{places.named}: nothing is scored here; give it to the command that scores: icon score RUN {places.named}"
        )
    with working(config, out, places, recording=not dry_run) as opened:
        own = opened.run
        if dry_run:
            from icon.cli.plan import show_plan
            from icon.pipeline.plan import plan

            show_plan(plan(own, opened.model), places.devices, as_json=as_json)
            return
        with stages.discarded_if_wrong(own, opened.model):
            stages.perform(own, "assess", lambda: stages.assess(own, opened.model, opened.pool))
    show_stage(own.manifest, own.path, "assess", "icon score", as_json=as_json)
