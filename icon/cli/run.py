"""`icon run`: all three stages, from a pool to a selection."""

from __future__ import annotations

from pathlib import Path

import typer

from icon.cli.console import warn
from icon.cli.settings import settings_command
from icon.cli.working import again, working
from icon.config import RunConfig


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(
        settings_command(_run, "Select from a POOL: build the assessment set, score, select, and sum up.")
    )


def _run(config: RunConfig, out: Path | None, devices: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    from icon import pipeline
    from icon.cli.summary import show

    with working(config, out, devices) as session:
        if dry_run:
            from icon.cli.plan import show_plan
            from icon.forecast import forecast

            show_plan(forecast(session), as_json=as_json)
            return
        pipeline.run(session)
    show(session.manifest, session.directory.path, as_json=as_json)
    if session.manifest.stages["score"].get("race", {}).get("ended") == "interrupted":
        warn(f"stopped early; the choice is from what was measured until then. To go on: {again()}")
        raise typer.Exit(130)
