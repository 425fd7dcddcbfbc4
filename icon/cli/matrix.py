"""Several scores held against each other, as two triangles in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.cli.console import one_line, out, safe

NAME_WIDTH = 16


def show_matrix(found: Mapping[str, Any]) -> None:
    """Print rank correlations above the diagonal and overlaps of the tops below it."""
    from rich.table import Table
    from rich.text import Text

    names = list(found["names"])
    labels = {name: chr(ord("A") + i) if max(map(len, names)) > NAME_WIDTH else name for i, name in enumerate(names)}
    console = out()
    pairs = {(each["a"], each["b"]): each for each in found["pairs"]}
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
        f"above the diagonal: rank correlation; below: overlap of the top {found['top']:,} of {found['candidates']:,} "
        f"({found['expected']:.0%} by chance)",
        style="dim",
    )
    for name, n in found["left_out"].items():
        if n:
            console.print(
                f"note: {safe(name)}: {n:,} more that not all have are left out", markup=False, style="yellow"
            )
    for told in found.get("warnings", ()):
        console.print(f"warning: {safe(told)}", markup=False, style="yellow", soft_wrap=True)
    for each in found["pairs"]:
        if each["spearman"]["value"] is None:
            told = f"note: {each['a']} and {each['b']}: no rank correlation: {each['spearman']['reason']}"
            console.print(safe(told), markup=False, style="yellow")


def _cell(pairs: Mapping[tuple[str, str], Mapping[str, Any]], names: list[str], row: int, column: int) -> str:
    if row == column:
        return "·"
    if row > column:
        return f"{pairs[names[column], names[row]]['overlap']:.0%}"
    value = pairs[names[row], names[column]]["spearman"]["value"]
    return "-" if value is None else f"{value:+.2f}"
