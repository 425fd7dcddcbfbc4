"""How hard the selected candidates are for the model, by the IFD score, where a run has it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from icon.report.page.histogram import histogram, shares
from icon.runs.scores import ScoreRow

IFD = "ifd"


def difficulty(rows: Sequence[ScoreRow], scorer: str) -> dict[str, Any] | None:
    """IFD of the selected candidates against that of the others; None where one side has none.

    The scorer `ifd` stores a ratio of 1 or more, which ranks behind all others, with a minus: it is taken off here.

    Args:
        rows: Every row of the pool.
        scorer: The run's scorer; where that is `ifd` itself, its score is the ratio.

    Returns:
        edges, selected and rest: shares by bin; median_selected, median_rest; n_selected, n_rest.
    """
    values = [(abs(value), each.selected) for each in rows if (value := _ifd(each, scorer)) is not None]
    sides = [[value for value, chosen in values if chosen is side] for side in (True, False)]
    if not all(sides):
        return None
    edges = histogram([value for value, _ in values])["edges"]
    selected, rest = sides
    return {
        "edges": edges,
        "selected": shares(selected, edges),
        "rest": shares(rest, edges),
        "median_selected": median(selected),
        "median_rest": median(rest),
        "n_selected": len(selected),
        "n_rest": len(rest),
    }


def _ifd(row: ScoreRow, scorer: str) -> float | None:
    return row.score if scorer == IFD else row.baselines.get(IFD)
