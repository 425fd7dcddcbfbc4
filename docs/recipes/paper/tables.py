"""Tables in the form of the paper's tables 1 to 3, from the results that are there; what is missing says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from icon.config import parse_keep
from paper import results
from paper.cells import Cell, Places, cells, cells_of_share
from paper.intervals import MISSING, Number, difference, mean_of_draws
from paper.pairwise import judge_name
from paper.settings import Chain

Row = tuple[str, list[Number]]
"""A label, and a number per column."""

Reader = Callable[[Cell, str], float | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of a label and a number per column."""

    title: str
    columns: list[str]
    rows: list[Row]

    def markdown(self, digits: int) -> str:
        """The table in Markdown."""
        lines = [f"### {self.title}", "", f"| | {' | '.join(self.columns)} |", "|" + " --- |" * (len(self.columns) + 1)]
        lines += [f"| {label} | {' | '.join(shown(one, digits) for one in numbers)} |" for label, numbers in self.rows]
        return "\n".join(lines)


def shown(number: Number, digits: int) -> str:
    """A number in a cell of a table."""
    if number.value is None:
        return "missing"
    text = f"{number.value:.{digits}f}"
    if number.half is not None:
        return f"{text} ± {number.half:.{digits}f}"
    return f"{text} (one draw)" if number.n == 1 else text


def benchmark_value(chain: Chain, cell: Cell, name: str) -> float | None:
    """A benchmark of a cell, in percent; None where it is missing."""
    places, pairwise = Places(chain.work), chain.benchmarks[name].pairwise
    found = results.read(places.result(cell, "judged", pairwise) if pairwise else places.result(cell, "tasks", name))
    value = None if found is None else found["win_rate" if pairwise else "value"]
    return None if value is None else float(value)


def average(chain: Chain, cell: Cell, _: str = "") -> float | None:
    """The mean over all benchmarks; None where one is missing: averages of others do not compare."""
    values = [benchmark_value(chain, cell, name) for name in chain.benchmarks]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def winning_score(chain: Chain, cell: Cell, name: str) -> float | None:
    """The winning score on a pairwise set; with the name `all`, over the instructions of all sets against one cell."""
    sets = _compared(chain) if name == "all" else [name]
    found = [results.read(Places(chain.work).result(cell, "judged", one)) for one in sets]
    judged = [one for one in found if one is not None and one["winning_score"] is not None]
    if not judged or len(judged) < len(sets):
        return None
    win, lose, n = (sum(int(one[count]) for one in judged) for count in ("win", "lose", "n"))
    return 1 + (win - lose) / n


def _compared(chain: Chain) -> list[str]:
    """The sets of table 3: those in which two cells are compared."""
    return [name for name, pairs in chain.pairwise.items() if pairs.against != "reference"]


def of_share(chain: Chain, model: str, share: str, read: Reader, names: Sequence[str]) -> list[Row]:
    """The rows of one share: selection, other rules, the mean of the random draws, and selection minus random."""
    found = list(cells_of_share(chain, model, share))
    draws = [cell for cell in found if cell.arm == "random"]
    rows: list[Row] = [
        (cell.arm, [Number(read(cell, name)) for name in names]) for cell in found if cell.arm != "random"
    ]
    if draws:
        values = {name: [read(cell, name) for cell in draws] for name in names}
        rows.append((f"random, {len(draws)} draws", [mean_of_draws(values[name]) for name in names]))
        chosen = next((cell for cell in found if cell.arm == "selection"), None)
        if chosen is not None:
            rows.append(("selection - random", [difference(read(chosen, name), values[name]) for name in names]))
    return [(f"{share} {label}", numbers) for label, numbers in rows]


def table_1(chain: Chain, model: str) -> Table:
    """A model at the largest share: every benchmark, and their average."""
    share = max(chain.shares, key=lambda text: parse_keep(text).share or 0)
    names = [*chain.benchmarks, "average"]

    def read(cell: Cell, name: str) -> float | None:
        return average(chain, cell) if name == "average" else benchmark_value(chain, cell, name)

    whole = [cell for cell in cells(chain, model) if not cell.share]
    rows: list[Row] = [(cell.arm, [Number(read(cell, name)) for name in names]) for cell in whole]
    rows += of_share(chain, model, share, read, names)
    return Table(f"Table 1: benchmarks in percent, {model}", names, rows)


def table_2(chain: Chain) -> Table:
    """The average over the benchmarks by model and share."""
    columns: dict[str, list[Row]] = {}
    for model in chain.models:
        rows: list[Row] = [(cell.arm, [Number(average(chain, cell))]) for cell in cells(chain, model) if not cell.share]
        for share in chain.shares:
            rows += of_share(chain, model, share, lambda cell, _: average(chain, cell), [""])
        columns[model] = rows
    labels = [label for label, _ in next(iter(columns.values()))]
    by_label = {model: dict(rows) for model, rows in columns.items()}
    averages: list[Row] = [(label, [by_label[model].get(label, [MISSING])[0] for model in columns]) for label in labels]
    return Table("Table 2: average over the benchmarks, by share and model", list(columns), averages)


def table_3(chain: Chain, model: str) -> Table:
    """The winning score 1 + (win - lose) / n on the pairwise sets; 1 is a draw."""
    names = [*_compared(chain), "all"]
    rows = [
        row
        for share in chain.shares
        for row in of_share(chain, model, share, lambda cell, name: winning_score(chain, cell, name), names)
    ]
    return Table(f"Table 3: winning score, {model}, judge {judge_name(chain.judge)}", names, rows)


def write_tables(chain: Chain) -> str:
    """Write tables.md and tables.json; returns the Markdown."""
    made: list[tuple[Table, int]] = []
    if chain.benchmarks:
        made += [(table_1(chain, model), 2) for model in chain.models] + [(table_2(chain), 2)]
    if _compared(chain):
        made += [(table_3(chain, model), 3) for model in chain.models]
    note = (
        "± is a 95% interval over the random draws: of the mean, and in `selection - random` of one more draw. A "
        "number without it is of one training. `missing` is what has not been measured."
    )
    text = "\n\n".join(["## Tables", note, *(table.markdown(digits) for table, digits in made)]) + "\n"
    results.write_text(chain.work / "tables.md", text)
    results.write_text(chain.work / "tables.json", json.dumps([asdict(table) for table, _ in made], indent=1) + "\n")
    return text
