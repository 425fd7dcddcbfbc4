"""`icon run`: all three stages, from a pool to a selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from icon.cli._console import warn
from icon.cli._options import settings_command
from icon.cli._places import Places
from icon.cli._working import again, working
from icon.config import RunConfig

if TYPE_CHECKING:
    from icon.cli._working import Opened
    from icon.runs.manifest import Manifest


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(
        settings_command(_run, "Select from a POOL: build the assessment set, score, select, and sum up.")
    )


def _run(config: RunConfig, out: Path | None, places: Places, dry_run: bool, as_json: bool) -> None:
    manifest = perform_run(config, out, places, dry_run=dry_run, as_json=as_json)
    if manifest is not None:
        end(manifest)
        end_without_selection(manifest)


def perform_run(
    config: RunConfig,
    out: Path | None,
    places: Places,
    *,
    dry_run: bool,
    as_json: bool,
    closing: Callable[[Opened], Mapping[str, Any]] = lambda _: {},
) -> Manifest | None:
    """Run all stages and print the summary, or print the plan of a dry run; None where it is dry.

    `closing` gives further fields of the summary's JSON, while the model is still open.
    """
    from icon.cli._closing import show
    from icon.pipeline import stages

    with working(config, out, places, recording=not dry_run) as opened:
        if dry_run:
            from icon.cli.plan import show_plan
            from icon.pipeline.plan import plan

            show_plan(plan(opened.run, opened.model), places.devices, as_json=as_json)
            return None
        stages.run_stages(opened.run, opened.model, opened.pool)
        more = closing(opened)
    show(opened.run.manifest, opened.run.path, as_json=as_json, more=more)
    return opened.run.manifest


NOT_CARRIED = 3
"""Exit code of a run that is done and whose measurements carry no choice."""


def end(manifest: Manifest) -> None:
    """End with exit code 130 where the run was stopped early and can be resumed.

    Raises:
        typer.Exit: It was stopped early.
    """
    if manifest.was_stopped:
        what = "the choice is from what was measured until then" if manifest.has_selection else "nothing is selected"
        warn(f"stopped early; {what}. To go on: {again()}")
        raise typer.Exit(130)


def end_without_selection(manifest: Manifest) -> None:
    """End with exit code 3 where what was measured carries no choice.

    Raises:
        typer.Exit: It does not.
    """
    if not manifest.has_selection:
        raise typer.Exit(NOT_CARRIED)
