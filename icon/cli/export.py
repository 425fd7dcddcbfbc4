"""`icon export`: a finished run as data that trainers read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from icon.cli._completion import runs
from icon.cli._console import one_line, out, safe
from icon.cli.plan import print_json
from icon.errors import ConfigError
from icon.results.export import FORMATS, Exported, RunSource, find_format
from icon.results.export import export as write

SHOWN = 20
"""Rows left out that are named on the terminal; --json names all."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def _list(value: bool) -> None:
    if value:
        for format in FORMATS.values():
            out().print(f"{format.name:<22} {format.summary}", markup=False, soft_wrap=True)
        raise typer.Exit


def _formats(incomplete: str) -> list[tuple[str, str]]:
    return [(format.name, format.summary) for format in FORMATS.values() if format.name.startswith(incomplete)]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run directory that is finished.", autocompletion=runs)],
    to: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help=f"Format: {', '.join(FORMATS)}; must be given.", autocompletion=_formats),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write into, made if needed, or name.jsonl for a format of one file; by default RUN/export."
        ),
    ] = None,
    which: Annotated[
        str | None, typer.Option(help="Records: selected, dropped or all. [selected; csv: all]", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing files.")] = False,
    full: Annotated[bool, typer.Option("--full", help="csv: whole prompts and responses.")] = False,
    repo: Annotated[
        str | None, typer.Option(help="hub: owner/name of the data set to push to; must be given there.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="hub: make the data set private.")] = False,
    formats: Annotated[
        bool, typer.Option("--list", callback=_list, is_eager=True, help="Name the formats with a line each, and exit.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the selection of a finished RUN for a trainer: LLaMA-Factory, TRL, Axolotl, ms-swift and others."""
    from icon.pipeline.builtin import default_plugins

    if to is None:
        raise ConfigError(f"--to: found nothing; valid: {', '.join(FORMATS)}; `icon export --list` says what they are")
    find_format(to)  # before the run is read
    source = RunSource.of(run, default_plugins)
    done = write(source, to, out=out, which=which, force=force, full=full, repo=repo, private=private)
    print_json(done.model_dump(mode="json")) if as_json else _print(done)


def _print(done: Exported) -> None:
    console = out()
    of = "every record" if done.which == "all" else f"the {done.which} records"
    console.print(f"{done.format}: {done.records:,} rows, from {of}", soft_wrap=True)
    for file in done.files:
        console.print(safe(file), markup=False, style="bold", soft_wrap=True)
    left_out = done.left_out
    if left_out:
        note = f"note: {len(left_out):,} records do not fit this format and are left out"
        console.print(note, markup=False, style="yellow", soft_wrap=True)
    for record in left_out[:SHOWN]:
        console.print(f"  row {record.row}: {one_line(record.reason, 160)}", markup=False, soft_wrap=True)
    if len(left_out) > SHOWN:
        console.print(f"  ... and {len(left_out) - SHOWN:,} more; --json names all", markup=False)
    for note in done.notes:
        console.print("note: " + safe(note), markup=False, style="yellow", soft_wrap=True)
    for step in done.next:
        console.print("next: " + safe(step), markup=False, soft_wrap=True)
