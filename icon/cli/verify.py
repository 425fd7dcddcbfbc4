"""`icon verify`: some pairs of a run measured again, one at a time, in the backend's most exact form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from icon.cli._completion import runs
from icon.cli._console import out, safe
from icon.cli._working import working
from icon.cli.plan import print_json

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = {
    "nll": "NLL, nats per token",
    "nll_random": "NLL behind the control",
    "c": "c",
    "log_gain": "log-gain, nats per token",
    "value": "value",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify(
    run: Annotated[Path, typer.Argument(help="Run directory that is scored.", autocompletion=runs)],
    pairs: Annotated[int, typer.Option(min=1, help="How many pairs to measure again.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Measure some pairs of a RUN again, one at a time and without sharing, and say how far its numbers hold."""
    from icon.results import verify as verification

    with working(None, run) as opened:
        found = verification.verify(opened.run, opened.model, pairs=pairs, seed=seed)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["pairs"]:
        raise typer.Exit(1)


def _show(found: Mapping[str, Any]) -> None:
    console = out()
    console.print(safe(found["sentence"]), markup=False, style="bold", soft_wrap=True)
    if found["errors"]:
        console.print()
        console.print(_errors(found["errors"], found["spearman"]))
        for told in _worst(found["errors"]):
            console.print(safe(told), markup=False, soft_wrap=True)
        console.print()
    for each in found["failed"]:
        told = f"not measured again: {_pair(each)}: {each['status']}: {each['reason']}"
        console.print(safe(told), markup=False, style="yellow", soft_wrap=True)
    for each in found["damaged_parts"]:
        told = f"note: {each}: its checksum does not fit its bytes; no pair was drawn from it"
        console.print(safe(told), markup=False, style="yellow", soft_wrap=True)
    told = f"{found['pairs']:,} of {found['finished']:,} finished pairs, scorer {found['scorer']}"
    if found["failed_in_run"]:
        told += f"; {found['failed_in_run']:,} that failed in the run have no number to verify"
    precision = found["precision"]
    told += f"\nstored with precision {precision['run']}, measured again with {precision['used']}: {found['form']}"
    told += ", a plain pass each" if found["plain_pass"] else ", one target a call"
    console.print(safe(told), markup=False, style="dim", soft_wrap=True)


def _errors(errors: Mapping[str, Any], ranks: Mapping[str, Any]) -> Table:
    from rich.table import Table

    table = Table(
        *("difference", "largest", "mean", "rank correlation"),
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for name, each in errors.items():
        r = ranks.get(name)
        told = "" if r is None else f"{r['value']:.3f}" if r["value"] is not None else r["reason"]
        table.add_row(COLUMNS[name], f"{each['largest']:.2g}", f"{each['mean']:.2g}", told)
    return table


def _worst(errors: Mapping[str, Any]) -> Iterator[str]:
    """A line for each difference that is one: the pair, and both of its numbers."""
    for name, each in errors.items():
        if each["largest"]:
            worst = each["worst"]
            numbers = f"{worst['stored']:.9g} stored, {worst['again']:.9g} measured again"
            yield f"worst {COLUMNS[name].partition(',')[0]}: {_pair(worst)}: {numbers}"


def _pair(found: Mapping[str, Any]) -> str:
    task = found["assessment"]
    return str(found["candidate"]) + (f" on {task}" if task is not None else "")
