"""How sure the order around the cut is: the candidates nearest to it, each with how far its score may be off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.config import parse_keep
from icon.runs.scores import ScoreRow

SHOWN = 60
"""Candidates around the cut that the chart shows."""
Z_95 = 1.96
"""Standard errors to either side of a score that make a 95% interval, were the errors normal."""


def around_the_cut(rows: Sequence[ScoreRow], keep: str) -> dict[str, Any] | None:
    """The scored candidates nearest to the place where the share to keep ends, and how many bars cross it.

    Args:
        rows: The scored rows.
        keep: How much was to be kept, of the scored candidates.

    Returns:
        kind: "race" where the bars are a race's intervals, "standard_error" where they are 1.96 standard errors; cut:
        the score of the last one kept; rank, score, low, high, row, selected: of those shown; crossing: how many of all
        `n` with a bar have the cut within it. None where no candidate has a bar.
    """
    ranked = sorted(rows, key=lambda each: (-(each.score or 0.0), each.id))
    bars = [bar(each) for each in ranked]
    if not any(bars):
        return None
    kept = parse_keep(keep).of(len(ranked))
    cut = ranked[kept - 1].score or 0.0
    start = max(0, min(kept - SHOWN // 2, len(ranked) - SHOWN))
    shown = [(rank, row, bars[rank - 1] or (None, None)) for rank, row in enumerate(ranked, 1)][start : start + SHOWN]
    return {
        "kind": "race" if any(each.low is not None for each in ranked) else "standard_error",
        "cut": cut,
        "kept": kept,
        "rank": [rank for rank, _, _ in shown],
        "score": [row.score for _, row, _ in shown],
        "low": [low for _, _, (low, _) in shown],
        "high": [high for _, _, (_, high) in shown],
        "row": [row.row for _, row, _ in shown],
        "selected": [int(row.selected) for _, row, _ in shown],
        "crossing": sum(each is not None and each[0] <= cut <= each[1] for each in bars),
        "n": sum(each is not None for each in bars),
    }


def bar(row: ScoreRow) -> tuple[float, float] | None:
    """Where the score may lie: the interval of a race, else 1.96 standard errors either side; None without both."""
    if row.low is not None and row.high is not None:
        return row.low, row.high
    if row.score is None or row.standard_error is None:
        return None
    reach = Z_95 * row.standard_error
    return row.score - reach, row.score + reach


def reach(row: ScoreRow) -> float | None:
    """How far the candidate's place may be off, as a difference of scores: a race's margin, else half the bar."""
    if row.margin is not None:
        return row.margin
    return None if row.standard_error is None else Z_95 * row.standard_error
