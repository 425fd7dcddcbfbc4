"""`icon run`: all three stages, from a pool to a selection."""

from __future__ import annotations

from pathlib import Path

import typer

from icon.cli.settings import settings_command
from icon.cli.working import working
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
