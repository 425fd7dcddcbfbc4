"""`icon score`: stage 2 alone, on a run directory that has its assessment set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from icon.cli.working import working


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    run: Annotated[Path, typer.Argument(help="Run directory that `icon assess` began.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Score the candidates of a RUN (stage 2); what is finished is not repeated."""
    from icon import pipeline
    from icon.cli.summary import show_stage

    with working(None, run) as session:
        pipeline.perform(session, pipeline.score)
    show_stage(session.manifest, session.directory.path, "score", "icon select", as_json=as_json)
