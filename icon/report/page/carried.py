"""Which rows of the pool the page carries, and where each of them stands in the run's own files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from icon.report.page.drawing import draw
from icon.runs.scores import ScoreRow

MOST_ROWS = 60_000


def carried_rows(
    rows: Sequence[ScoreRow], needed: Iterable[ScoreRow], seed: int, most: int = MOST_ROWS
) -> list[ScoreRow]:
    """At most so many rows, in the order of the ranks, those without one behind: as many as there are, if they fit.

    Else those that the lists need, then scored rows, then others, each drawn at random.
    """
    if len(rows) > most:
        first = {(each.row, each.turn): each for each in needed}
        rest = [each for each in rows if (each.row, each.turn) not in first]
        scored = draw([each for each in rest if each.score is not None], most - len(first), seed)
        others = draw([each for each in rest if each.score is None], most - len(first) - len(scored), seed)
        rows = [*first.values(), *scored, *others]
    return sorted(rows, key=lambda each: (each.rank is None, each.rank or 0, each.row, each.turn))


def places_in_files(rows: Iterable[ScoreRow]) -> dict[int, tuple[str, int]]:
    """For each row of the pool: the file that holds the user's record, and its line, counted from 1.

    Args:
        rows: All rows of the run.
    """
    chosen: dict[int, bool] = {}
    for each in rows:
        chosen[each.row] = chosen.get(each.row, False) or each.selected
    lines = {"selected.jsonl": 0, "dropped.jsonl": 0}
    found = {}
    for row in sorted(chosen):
        file = "selected.jsonl" if chosen[row] else "dropped.jsonl"
        lines[file] += 1
        found[row] = (file, lines[file])
    return found
