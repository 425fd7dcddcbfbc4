"""`icon export`: a finished run as data that trainers read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from icon.cli._completion import runs
from icon.cli._console import one_line, out, safe
from icon.cli.plan import print_json
from icon.errors import ConfigError
from icon.results.export import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 20
"""Rows left out that are named on the terminal; --json names all."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def _list(value: bool) -> None:
    if value:
        for each in FORMATS.values():
            out().print(f"{each.name:<22} {each.summary}", markup=False, soft_wrap=True)
        raise typer.Exit


def _formats(incomplete: str) -> list[tuple[str, str]]:
    return [(each.name, each.summary) for each in FORMATS.values() if each.name.startswith(incomplete)]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run directory that is finished.", autocompletion=runs)],
    to: Annotated[
        str | None, typer.Option(metavar="FORMAT", help=f"Format: {', '.join(FORMATS)}.", autocompletion=_formats)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File or folder to write; else one in RUN/export.")] = None,
    which: Annotated[
        str | None, typer.Option(help="Records: selected, dropped or all. [selected; csv: all]", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what lies there.")] = False,
    full: Annotated[bool, typer.Option("--full", help="csv: whole prompts and responses.")] = False,
    repo: Annotated[str | None, typer.Option(help="hub: owner/name of the data set to push to.")] = None,
    private: Annotated[bool, typer.Option("--private", help="hub: make the data set private.")] = False,
    formats: Annotated[
        bool, typer.Option("--list", callback=_list, is_eager=True, help="Name the formats with a line each, and exit.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the selection of a finished RUN for a trainer: LLaMA-Factory, TRL, Axolotl, ms-swift and others."""
    from icon import api

    if to is None:
        raise ConfigError(f"--to: found nothing; valid: {', '.join(FORMATS)}; `icon export --list` says what they are")
    done = api.export(run, to, out, which=which, force=force, full=full, repo=repo, private=private)
    print_json(done) if as_json else _print(done)


def _print(done: Mapping[str, Any]) -> None:
    console = out()
    of = "every record" if done["which"] == "all" else f"the {done['which']} records"
    console.print(f"{done['format']}: {done['records']:,} rows, from {of}", soft_wrap=True)
    for each in done["files"]:
        console.print(safe(each), markup=False, style="bold", soft_wrap=True)
    left_out = done["left_out"]
    if left_out:
        told = f"note: {len(left_out):,} records do not fit this format and are left out"
        console.print(told, markup=False, style="yellow", soft_wrap=True)
    for each in left_out[:SHOWN]:
        console.print(f"  row {each['row']}: {one_line(each['reason'], 160)}", markup=False, soft_wrap=True)
    if len(left_out) > SHOWN:
        console.print(f"  ... and {len(left_out) - SHOWN:,} more; --json names all", markup=False)
    for each in done["notes"]:
        console.print("note: " + safe(each), markup=False, style="yellow", soft_wrap=True)
    for each in done["next"]:
        console.print("next: " + safe(each), markup=False, soft_wrap=True)
