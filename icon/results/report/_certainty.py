"""Certainty of the order around the cut: the candidates nearest to it, with the errors of their scores."""

from __future__ import annotations

from collections.abc import Sequence

from icon.results.report._assets import Block
from icon.types import ScoreRow

SHOWN = 60
"""Candidates around the cut that the chart shows."""
Z_95 = 1.96
"""Standard errors to either side of a score that make a 95% interval, were the errors normal."""


def around_the_cut(rows: Sequence[ScoreRow], kept: int) -> Block | None:
    """The scored candidates nearest to the place where the share to keep ends, and how many bars cross it.

    Args:
        rows: The scored rows.
        kept: How many of them the share to keep makes, at least 1.

    Returns:
        kind: "race" where the bars are a race's margins, "standard_error" where they are 1.96 standard errors; cut:
        halfway between the last score kept and the first one dropped, None where all are kept; rank, score, low, high,
        row, turn, selected: of those shown; crossing: how many of all `n` with a bar, or in a race, may be on either
        side of the cut; unsure: how many of a race have no margin. None where there is no bar and no race.
    """
    ranked = sorted(rows, key=lambda row: (-(row.score or 0.0), row.id))
    measured = [row for row in ranked if raced(row) or bar(row)]
    if not measured:
        return None
    cut = _cut(ranked, kept)
    start = max(0, min(kept - SHOWN // 2, len(ranked) - SHOWN))
    shown = ranked[start : start + SHOWN]
    bars = [bar(row) or (None, None) for row in shown]
    return {
        "kind": "race" if any(map(raced, ranked)) else "standard_error",
        "cut": cut,
        "kept": kept,
        "rank": list(range(start + 1, start + 1 + len(shown))),
        "score": [row.score for row in shown],
        "low": [low for low, _ in bars],
        "high": [high for _, high in bars],
        "row": [row.row for row in shown],
        "turn": [row.turn for row in shown],
        "selected": [int(row.selected) for row in shown],
        "crossing": 0 if cut is None else sum(crosses(row, cut) for row in measured),
        "unsure": sum(map(unsure, ranked)),
        "n": len(measured),
    }


def _cut(ranked: Sequence[ScoreRow], kept: int) -> float | None:
    """Between two candidates, so that none of them is on it only because it was the last one kept."""
    if kept >= len(ranked):
        return None
    return ((ranked[kept - 1].score or 0.0) + (ranked[kept].score or 0.0)) / 2


def raced(row: ScoreRow) -> bool:
    """Whether the row's score is that of a race."""
    return bool(row.decided) or row.margin is not None


def unsure(row: ScoreRow) -> bool:
    """Whether a race measured too little of the row to give it a margin: it may be anywhere."""
    return raced(row) and row.margin is None and row.score is not None


def crosses(row: ScoreRow, cut: float) -> bool:
    """Whether the row may be on either side of the cut; in a race by the rule of `scorers.racing.look`."""
    if unsure(row):
        return True
    if row.margin == 0:  # measured on every sample: its side is known, even where the scores around the cut tie
        return False
    found = bar(row)
    return found is not None and found[0] <= cut <= found[1]


def bar(row: ScoreRow) -> tuple[float, float] | None:
    """The range of the score relative to those of the others; None where that is not known.

    In a race the margin to either side of its centre; `low` and `high` are of the mean itself and much wider. Else 1.96
    standard errors to either side of the score.
    """
    middle, far = centre(row), reach(row)
    return None if middle is None or far is None else (middle - far, middle + far)


def centre(row: ScoreRow) -> float | None:
    """The middle of a bar: in a race the middle of the interval of the mean, else the score."""
    if row.margin is not None and row.low is not None and row.high is not None:
        return (row.low + row.high) / 2
    return row.score


def reach(row: ScoreRow) -> float | None:
    """Error of the candidate's place, as a difference of scores: a race's margin, else half the bar."""
    if raced(row):
        return row.margin
    return None if row.standard_error is None else Z_95 * row.standard_error
