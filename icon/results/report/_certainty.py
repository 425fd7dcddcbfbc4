"""Certainty of the order around the cut: the candidates nearest to it, with their margins against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from icon.results.report._assets import Block, short
from icon.results.report._margins import Margin, margin
from icon.runs.row_view import RowView
from icon.types import ScoreRow

SHOWN = 60
"""Candidates around the cut that the chart shows."""


def by_score(rows: Sequence[ScoreRow]) -> RowView:
    """The scored rows, the best first."""
    return RowView.of(rows).best_first()


def nearest(rows: Sequence[ScoreRow], kept: int) -> list[ScoreRow]:
    """The scored candidates nearest to the place where the share to keep ends, the best first."""
    start = _start(rows, kept)
    return by_score(rows)[start : start + SHOWN].records()


def _start(rows: Sequence[ScoreRow], kept: int) -> int:
    """How many rows are above those that are nearest to that place."""
    return max(0, min(kept - SHOWN // 2, len(rows) - SHOWN))


def around_the_cut(
    rows: Sequence[ScoreRow], kept: int, measured: Mapping[str, Mapping[str, float]] | None = None
) -> Block | None:
    """The scored candidates nearest to the cut, each with its margin against it.

    Args:
        rows: The scored rows.
        kept: How many of them the share to keep makes, at least 1.
        measured: What those candidates were measured at, by assessment sample; of no use in a race, whose own margins
            hold however often it looked.

    Returns:
        kind: "race" or "paired"; rank, margin, low, high, row, turn, selected: of those shown; above, below, open: how
        many are better than the cut or worse by more than chance, or may be on either side of it, of `n`: in a race all
        candidates, else those shown but the last of the best `kept`, which is `last`; is_cut: whether exactly the best
        by score are selected. None where no margin is known, and where all are kept.
    """
    if kept >= len(rows):
        return None
    ranked, shown = by_score(rows), nearest(rows, kept)
    if _are_raced(ranked).any():
        found: Block | None = _raced(ranked, shown, kept)
    else:
        found = _paired(ranked[kept - 1], shown, measured or {})
    if found is None:
        return None
    start = _start(rows, kept) + 1
    return found | {
        "kept": kept,
        "is_cut": bool((ranked.selected == (np.arange(len(ranked)) < kept)).all()),
        "rank": list(range(start, start + len(shown))),
        "row": [row.row for row in shown],
        "turn": [row.turn for row in shown],
        "selected": [int(row.selected) for row in shown],
    }


def _paired(last: ScoreRow, shown: Sequence[ScoreRow], measured: Mapping[str, Mapping[str, float]]) -> Block | None:
    of_last = measured.get(last.id, {})
    found = [
        Margin(0.0, None, len(of_last))
        if _is(row, last)
        else margin(measured.get(row.id, {}), of_last, _adjusted(row) - _adjusted(last))
        for row in shown
    ]
    others = [one for row, one in zip(shown, found, strict=True) if one is not None and not _is(row, last)]
    if not others:
        return None
    pairs = len(others) * (len(others) + 1) // 2  # `last` has its place by its score, so it could be any of them
    sides = [one.side(pairs) for one in others]
    reaches = [None if one is None else one.reach for one in found]
    values = [None if one is None else one.value for one in found]
    return {
        "kind": "paired",
        "last": last.row,
        "margin": [short(value) for value in values],
        "low": [_apart(value, reach, -1) for value, reach in zip(values, reaches, strict=True)],
        "high": [_apart(value, reach, 1) for value, reach in zip(values, reaches, strict=True)],
        "above": sides.count(1),
        "below": sides.count(-1),
        "open": sides.count(0),
        "n": len(sides),
    }


def last_kept(found: Block, *, selected: bool) -> str:
    """The last candidate of the best by score, in words: what it is to the selection.

    Args:
        found: What `around_the_cut` gave.
        selected: Whether anything was selected.
    """
    if not selected:
        return "the last one that would be kept"
    return "the last one kept" if found["is_cut"] else f"the last of the best {found['kept']:,} by score"


def _is(row: ScoreRow, other: ScoreRow) -> bool:
    """Whether it is the same row."""
    return (row.row, row.turn) == (other.row, other.turn)


def _are_raced(rows: RowView) -> NDArray[np.bool_]:
    """Which of the rows have the score of a race."""
    found: NDArray[np.bool_] = rows.table.have_text("decided")[rows.places] | ~np.isnan(rows.numbers("margin"))
    return found


def _adjusted(row: ScoreRow) -> float:
    """What was added to the score after measuring: nothing, unless scores were made equal in length."""
    return 0.0 if row.score is None or row.raw_score is None else row.score - row.raw_score


def _apart(middle: float | None, reach: float | None, way: int) -> float | None:
    return None if middle is None or reach is None else short(middle + way * reach)


def _raced(ranked: RowView, shown: Sequence[ScoreRow], kept: int) -> Block:
    """Margins of a race, against the place halfway between the last score kept and the first one dropped."""
    cut = ((ranked[kept - 1].score or 0.0) + (ranked[kept].score or 0.0)) / 2
    measured = list(ranked.where(_are_raced(ranked)))
    is_open = [crosses(row, cut) for row in measured]
    kept_ids = {row.id for row in ranked[:kept]}  # of equal scores at the cut, ids decide
    above = sum(not crossing and row.id in kept_ids for row, crossing in zip(measured, is_open, strict=True))
    middles = [None if (middle := centre(row)) is None else middle - cut for row in shown]
    return {
        "kind": "race",
        "margin": [short(middle) for middle in middles],
        "low": [_apart(middle, row.margin, -1) for middle, row in zip(middles, shown, strict=True)],
        "high": [_apart(middle, row.margin, 1) for middle, row in zip(middles, shown, strict=True)],
        "above": above,
        "below": len(measured) - sum(is_open) - above,
        "open": sum(is_open),
        "unsure": sum(map(unsure, measured)),
        "n": len(measured),
    }


def raced(row: ScoreRow) -> bool:
    """Whether the row's score is that of a race."""
    return bool(row.decided) or row.margin is not None


def unsure(row: ScoreRow) -> bool:
    """Whether a race measured too little of the row to give it a margin: it may be anywhere."""
    return raced(row) and row.margin is None and row.score is not None


def crosses(row: ScoreRow, cut: float) -> bool:
    """Whether a row of a race may be on either side of the cut, by the rule of `scorers.racing.look`."""
    middle = centre(row)
    if unsure(row) or middle is None or row.margin is None:
        return True
    if row.margin == 0:  # measured on every sample: its side is known, even where the scores around the cut tie
        return False
    return abs(middle - cut) <= row.margin


def centre(row: ScoreRow) -> float | None:
    """The middle of a race's margin, which is that of the interval of the mean; else the score."""
    if row.margin is not None and row.low is not None and row.high is not None:
        return (row.low + row.high) / 2
    return row.score
