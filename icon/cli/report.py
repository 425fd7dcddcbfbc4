"""`icon report`: a run as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from icon.cli._completion import runs
from icon.cli._console import out as console
from icon.cli._console import warn
from icon.cli._working import working
from icon.cli.plan import print_json
from icon.visible import visible_line


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    run: Annotated[Path, typer.Argument(help="Run directory that has a selection.", autocompletion=runs)],
    out: Annotated[
        Path | None, typer.Option(help="File to write; by default report.html in the run directory.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print path and size as JSON.")] = False,
) -> None:
    """Write the report of a RUN: one self-contained page that works offline; no model is needed."""
    from icon.results import report as reporting
    from icon.results.records import Reported

    notes: list[str] = []
    with working(None, run, recording=False) as opened:
        path = reporting.report(opened.run, opened.pool, out, notes)
    for note in notes:
        if note not in opened.run.plugins.warnings:  # those are printed already
            warn(note)
    size = path.stat().st_size
    if as_json:
        done = Reported(run=str(run), report=str(path), bytes=size, notes=tuple(notes))
        print_json(done.model_dump(mode="json"))
        return
    console().print(visible_line(str(path)), style="bold", soft_wrap=True)
    console().print(f"{size / 1e6:.1f} MB, one file; open it in a browser", markup=False, style="dim")
