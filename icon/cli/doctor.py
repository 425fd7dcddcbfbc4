"""`icon doctor`: what a run directory holds, what is missing, damaged or left over, and its repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import runs
from icon.cli._console import out, safe
from icon.cli.plan import print_json

if TYPE_CHECKING:
    from rich.text import Text

    from icon.pipeline.doctor import Examined, Finding

STYLES = {"ok": "green", "unchecked": "dim", "foreign": "dim", "earlier selection": "dim"}
"""Colours of states; all others are red."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    run: Annotated[Path, typer.Argument(help="Run directory, in whatever state.", autocompletion=runs)],
    repair: Annotated[
        bool, typer.Option("--repair", help="Recreate what can be recreated; nothing is measured.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Say what the directory of a RUN holds, and what is missing, damaged or left over; exit code 1 where something is.

    Neither a model nor a plugin is loaded, and without --repair nothing is written.
    """
    from icon.pipeline import doctor as doctors

    found = doctors.repair(run) if repair else doctors.examine(run)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found, repair=repair)
    if not found.sound:
        raise typer.Exit(1)


def _show(found: Examined, *, repair: bool) -> None:
    from rich.text import Text

    console = out()
    for sentence in found.repaired:
        console.print(Text("repaired: ", style="green").append(safe(sentence), style="default"), soft_wrap=True)
    for sentence in found.not_repaired:
        console.print(Text("not repaired: ", style="red").append(safe(sentence), style="default"), soft_wrap=True)
    for finding in found.findings:
        console.print(_line(finding), soft_wrap=True)
    for note in found.notes:
        console.print("note: " + safe(note), markup=False, style="yellow", soft_wrap=True)
    console.print(safe(_verdict(found, repair=repair)), markup=False, style="bold", soft_wrap=True)


def _line(finding: Finding) -> Text:
    from rich.text import Text

    line = Text(f"{finding.state:<12} ", style=STYLES.get(finding.state, "red"))
    line.append(safe(finding.file), style="bold").append(f"  {safe(finding.what)}", style="default")
    remedy = ": ".join(part for part in (finding.how, finding.command) if part)
    for detail in (finding.found, remedy):
        if detail:
            line.append(f"; {safe(detail)}", style="default")
    return line


def _verdict(found: Examined, *, repair: bool) -> str:
    wrong = sum(finding.is_wrong for finding in found.findings)
    if found.sound:
        return f"{found.run}: sound"
    head = f"{found.run}: {wrong} of {len(found.findings)} entries are wrong"
    return head if repair else f"{head}; to repair what can be made again: icon doctor {found.run} --repair"
