"""`icon compare`: two finished runs or several scores compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import runs as finished_runs
from icon.cli._console import one_line, out, safe
from icon.cli.plan import print_json

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.table import Table

    from icon.results.agreed import CapturedGain, Correlation, ScorePair, ScoreTable, TopOverlap
    from icon.results.comparison import Comparison, SettingDifference

NAME_WIDTH = 16


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Run directories that are finished.", autocompletion=finished_runs),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare the scorers of one finished RUN; the scores, selections and settings of two; the scores of several."""
    from icon.results.compare import compare_runs
    from icon.results.comparison import Comparison

    found = compare_runs(runs)
    if as_json:
        print_json(found.model_dump(mode="json"))
    elif isinstance(found, Comparison):
        _show_two(found)
    else:
        show_matrix(found)


def _show_two(found: Comparison) -> None:
    console = out()
    console.print(f"A  {safe(found.a)}\nB  {safe(found.b)}", markup=False, soft_wrap=True)
    for warning in found.warnings:
        console.print("note: " + safe(warning), markup=False, style="yellow", soft_wrap=True)
    for table in (_facts(found), _tops(found.overlap), _groups(found), _settings(found.settings)):
        if table is not None:
            console.print()
            console.print(table)


def _facts(found: Comparison) -> Table:
    from rich.text import Text

    table = _table("", "", head=False)
    for name, sentence in _sentences(found):
        table.add_row(Text(name, style="dim"), Text(safe(sentence)))
    return table


def _sentences(found: Comparison) -> Iterator[tuple[str, str]]:
    rows, scored, selected = found.rows, found.scored, found.selected
    yield "candidates", f"{rows.both:,} in both, {rows.only_a:,} only in A, {rows.only_b:,} only in B"
    if rows.no_candidate_a or rows.no_candidate_b:
        counts = f"{rows.no_candidate_a:,} rows of A, {rows.no_candidate_b:,} of B: duplicates and bad rows"
        yield "not counted", counts
    yield "scored", f"{scored.both:,} in both, of {scored.a:,} in A and {scored.b:,} in B"
    yield "scores", _correlation(found.spearman.score)
    yield "log-gain", _correlation(found.spearman.log_gain)
    counts = f"{selected.both:,} in both, of {selected.a:,} in A and {selected.b:,} in B"
    if selected.jaccard is not None:
        counts += f": Jaccard {selected.jaccard:.2f}"
    for name, share in (("A", selected.share_of_a), ("B", selected.share_of_b)):
        counts += f", {share:.0%} of {name}'s" if share is not None else f", {name} selected none"
    yield "selected", counts
    gain = found.captured_gain
    for name, captured in (("A's top judged by B", gain.a_in_b), ("B's top judged by A", gain.b_in_a)):
        yield name, _gain(captured, gain.share)


def _correlation(found: Correlation) -> str:
    if found.value is None:
        return f"no rank correlation: {found.reason}"
    return f"rank correlation {found.value:+.3f} over {found.n:,}"


def _gain(found: CapturedGain, share: float) -> str:
    if found.value is None:
        return f"no captured gain: {found.reason}"
    return f"top {share:.0%} ({found.top:,}) captures {found.value:.0%} of the gain of the judge's own"


def _tops(overlaps: Sequence[TopOverlap]) -> Table:
    tied = any(_do_ids_decide(top) for top in overlaps)
    ties = ("equal scores drawn",) if tied else ()
    table = _table("top", "candidates", "in both", "overlap", *ties, "by chance")
    for top in overlaps:
        counts = (f"{top.share:.0%}", f"{top.top:,}", f"{top.both:,}")
        table.add_row(*counts, f"{top.overlap:.0%}", *(f"{top.drawn:.0%}" for _ in ties), f"{top.expected:.0%}")
    return table


def _do_ids_decide(found: TopOverlap | ScorePair) -> bool:
    """Whether the overlap, as it is shown, would be another if draws decided between equal scores."""
    return f"{found.drawn:.0%}" != f"{found.overlap:.0%}"


def _groups(found: Comparison) -> Table | None:
    from rich.text import Text

    table = _table("task group", "n", "mean in A", "mean in B", "B - A", "rank correlation")
    for name, group in found.groups.items():
        r = group.spearman
        shown = f"{r.value:+.3f}" if r.value is not None else r.reason
        numbers = (f"{group.mean_a:+.4f}", f"{group.mean_b:+.4f}", f"{group.difference:+.4f}")
        table.add_row(Text(one_line(name, 40)), str(group.n), *numbers, shown)
    for side, names in (("A", found.groups_only.a), ("B", found.groups_only.b)):
        for name in names:
            table.add_row(Text(one_line(name, 40)), "", f"only in {side}")
    return table if table.row_count else None


def _settings(settings: Sequence[SettingDifference]) -> Table | None:
    from rich.text import Text

    table = _table("what differs", "A", "B")
    for column in table.columns:
        column.overflow = "fold"  # two long paths may differ in their last letter
    for setting in settings:
        cells = (setting.name, _value(setting.a), _value(setting.b))
        table.add_row(*(Text(one_line(cell, 400)) for cell in cells))
    return table if settings else None


def _value(value: JsonValue) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(*columns: str, head: bool = True) -> Table:
    from rich.table import Table

    return Table(*columns, box=None, show_header=head, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))


def show_matrix(found: ScoreTable) -> None:
    """Print rank correlations above the diagonal and overlaps of the tops below it."""
    from rich.table import Table
    from rich.text import Text

    names = found.names
    labels = {name: chr(ord("A") + i) if max(map(len, names)) > NAME_WIDTH else name for i, name in enumerate(names)}
    console = out()
    pairs = {(pair.a, pair.b): pair for pair in found.pairs}
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for name in names:
        table.add_column(Text(one_line(labels[name], NAME_WIDTH)), justify="right")
    for row, name in enumerate(names):
        cells = [_cell(pairs, names, row, column) for column in range(len(names))]
        table.add_row(Text(one_line(labels[name], NAME_WIDTH), style="bold"), *cells)
    for name in names:
        if labels[name] != name:
            console.print(f"{labels[name]}  {safe(name)}", markup=False, soft_wrap=True)
    console.print(table)
    console.print(
        f"above the diagonal: rank correlation; below: overlap of the top {found.top:,} of {found.candidates:,} "
        f"(--keep {found.keep}, as {safe(_chooser(found))} now), {found.expected:.0%} by chance",
        markup=False,
        style="dim",
        soft_wrap=True,
    )
    for note in _notes(found):
        console.print(safe(note), markup=False, style="yellow", soft_wrap=True)


def _chooser(found: ScoreTable) -> str:
    """Whose selection the top is as large as."""
    from icon.results.comparison import SeveralRuns

    return f"{found.names[0]} selects" if isinstance(found, SeveralRuns) else "it is selected"


def _notes(found: ScoreTable) -> Iterator[str]:
    """Candidates that were left out, inputs that differ, and why a correlation is missing."""
    from icon.results.comparison import ScorersOfRun, SeveralRuns

    for name, n in found.left_out.items():
        if n:
            yield f"note: {name}: {n:,} more that not all have {'are' if n > 1 else 'is'} left out"
    for warning in found.warnings if isinstance(found, SeveralRuns | ScorersOfRun) else ():
        yield f"warning: {warning}"
    for pair in found.pairs:
        if pair.spearman.value is None:
            yield f"note: {pair.a} and {pair.b}: no rank correlation: {pair.spearman.reason}"
        if _do_ids_decide(pair):
            overlap = f"with draws instead the overlap would be {pair.drawn:.0%} on average, not {pair.overlap:.0%}"
            yield f"note: {pair.a} and {pair.b}: ids decide between equal scores at the cut; {overlap}"


def _cell(pairs: Mapping[tuple[str, str], ScorePair], names: Sequence[str], row: int, column: int) -> str:
    if row == column:
        return "·"
    if row > column:
        return f"{pairs[names[column], names[row]].overlap:.0%}"
    value = pairs[names[row], names[column]].spearman.value
    return "-" if value is None else f"{value:+.2f}"
