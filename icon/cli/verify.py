"""`icon verify`: some pairs of a run measured again, one at a time, in the backend's most exact form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import runs
from icon.cli._console import out, safe
from icon.cli._working import working
from icon.cli.plan import print_json

if TYPE_CHECKING:
    from rich.table import Table

    from icon.results.agreed import Correlation
    from icon.results.verify import ColumnError, FailedPair, Verification, WorstPair

COLUMNS = {
    "nll": "NLL, nats per token",
    "nll_random": "NLL given the control",
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

    with working(None, run, recording=False) as opened:
        found = verification.verify(opened.run, opened.model, pairs=pairs, seed=seed)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    if not found.pairs:
        raise typer.Exit(1)


def _show(found: Verification) -> None:
    console = out()
    console.print(safe(found.sentence), markup=False, style="bold", soft_wrap=True)
    if found.errors:
        console.print()
        console.print(_errors(found.errors, found.spearman))
        for line in _worst(found.errors):
            console.print(safe(line), markup=False, soft_wrap=True)
        console.print()
    for pair in found.failed:
        line = f"not measured again: {_pair(pair)}: {pair.status}: {pair.reason}"
        console.print(safe(line), markup=False, style="yellow", soft_wrap=True)
    for part in found.damaged_parts:
        line = f"note: {part}: its checksum does not fit its bytes; no pair was drawn from it"
        console.print(safe(line), markup=False, style="yellow", soft_wrap=True)
    line = f"{found.pairs:,} of {found.finished:,} finished pairs, scorer {found.scorer}"
    if found.failed_in_run:
        line += f"; {found.failed_in_run:,} that failed in the run have no number to verify"
    precision = found.precision
    line += f"\nstored with precision {precision.run}, measured again with {precision.used}: {found.form}"
    line += ", a plain pass each" if found.plain_pass else ", one target per call"
    console.print(safe(line), markup=False, style="dim", soft_wrap=True)


def _errors(errors: Mapping[str, ColumnError], ranks: Mapping[str, Correlation]) -> Table:
    from rich.table import Table

    table = Table(
        *("difference", "largest", "mean", "rank correlation"),
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for name, error in errors.items():
        r = ranks.get(name)
        shown = "" if r is None else f"{r.value:.3f}" if r.value is not None else r.reason
        table.add_row(COLUMNS[name], f"{error.largest:.2g}", f"{error.mean:.2g}", shown)
    return table


def _worst(errors: Mapping[str, ColumnError]) -> Iterator[str]:
    """A line for each difference that is one: the pair, and both of its numbers."""
    for name, error in errors.items():
        if error.largest:
            worst = error.worst
            numbers = f"{worst.stored:.9g} stored, {worst.again:.9g} measured again"
            yield f"worst {COLUMNS[name].partition(',')[0]}: {_pair(worst)}: {numbers}"


def _pair(pair: WorstPair | FailedPair) -> str:
    return pair.candidate + (f" on {pair.assessment}" if pair.assessment is not None else "")
