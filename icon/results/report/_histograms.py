"""Distributions: counts in bins, difficulty of the selected candidates, and share of the score that length explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from icon.results.report._assets import Block
from icon.results.report._pool_texts import answers_of
from icon.runs.row_view import RowView
from icon.scorers.formulas import spearman
from icon.types import Sample, ScoreRow

T = TypeVar("T")

FEWEST, MOST = 8, 60

FENCE = 8
"""Interquartile ranges beyond the quartiles at which the axis ends."""

ROUNDING, NARROW = 1e-12, 1e-9
"""Shares of the largest value: differences up to the first are none, and no axis ends at a fence within the second."""

IFD = "ifd"

FloatArray = NDArray[np.float64]

MOST_POINTS = 3000

BINS = (60, 40)
"""Columns and rows of the density behind the points."""


def draw(items: Sequence[T], most: int, seed: int) -> list[T]:
    """At most so many of the items, drawn without replacement, in their own order."""
    if len(items) <= most:
        return list(items)
    places = np.sort(np.random.default_rng(seed).choice(len(items), most, replace=False))
    if isinstance(items, RowView):
        return cast("list[T]", RowView(items.table, items.places[places]).records())
    return [items[place] for place in places]


def histogram(values: Sequence[float] | FloatArray, bins: int | None = None) -> Block:
    """Equal bins over the values, the upper edge of each in the next one, that of the last one in itself.

    A few values far off would press all others into one bar: the axis ends 8 interquartile ranges beyond the quartiles,
    and values beyond it are counted in the outermost bars and reported.

    Args:
        values: At least one, all finite.
        bins: How many; None for twice the cube root of n (Rice's rule), 8 to 60.

    Returns:
        edges (bins + 1), counts (bins), below and above: number of values beyond the axis.
    """
    data = np.asarray(values, dtype=np.float64)
    ends = _ends(data)
    low, high = span(*ends)
    if (low, high) != ends:
        bins = 1
    n = bins or int(np.clip(round(2 * len(data) ** (1 / 3)), FEWEST, MOST))
    counts, edges = np.histogram(np.clip(data, low, high), bins=n, range=(low, high))
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "below": int((data < low).sum()),
        "above": int((data > high).sum()),
    }


def span(low: float, high: float) -> tuple[float, float]:
    """The ends of an axis: as they are, or half a unit around them where they differ by rounding at most."""
    size = max(abs(low), abs(high))
    if high - low > ROUNDING * size:
        return low, high
    middle, half = (low + high) / 2, max(0.5, NARROW * size)
    return middle - half, middle + half


def shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Share of the values in each of these bins; values beyond the axis are counted in the outermost ones."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=np.asarray(edges))
    return (counts / max(1, len(values))).tolist()  # type: ignore[no-any-return]


def _ends(data: np.ndarray) -> tuple[float, float]:
    low, high = float(data.min()), float(data.max())
    first, third = (float(quartile) for quartile in np.quantile(data, (0.25, 0.75)))
    reach = FENCE * (third - first)
    wide = reach > NARROW * max(abs(low), abs(high))  # else most values are one, apart from rounding
    return (max(low, first - reach), min(high, third + reach)) if wide else (low, high)


def difficulty(rows: Sequence[ScoreRow], scorer: str) -> Block | None:
    """IFD of the selected candidates compared with that of the others; None where one side has none.

    The scorer `ifd` stores a ratio of 1 or more, which ranks below all others, with a minus: it is taken off here.

    Args:
        rows: Every row of the pool.
        scorer: The run's scorer; where that is `ifd` itself, its score is the ratio.

    Returns:
        edges, selected and rest: shares by bin; median_selected, median_rest; n_selected, n_rest.
    """
    view = RowView.of(rows)
    found = np.abs(view.numbers("score") if scorer == IFD else view.table.of_map("baselines", IFD)[view.places])
    there = ~np.isnan(found)
    sides = [found[there & side].tolist() for side in (view.selected, ~view.selected)]
    if not all(sides):
        return None
    edges = histogram(found[there])["edges"]
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


def length_chart(rows: Sequence[ScoreRow], samples: Mapping[str, Sample], seed: int) -> Block | None:
    """Score by length of the response, and the share that length explains; None without three such candidates.

    Args:
        rows: The scored rows.
        samples: Samples by id; a row without one is left out and counted.
        seed: Seed of the draw of points.

    Returns:
        n, missing, r_squared and spearman (None where a side does not vary), points: x, y, row, turn and selected of at
        most `MOST_POINTS`, and density: None, or edges of x and y (x as log10) and counts where there are more.
    """
    view = RowView.of(rows)
    answers = answers_of(samples, view)
    known = view.where(answers > 0)
    if len(known) < 3:
        return None
    score, length = known.numbers("score"), answers[answers > 0].astype(np.float64)
    shown = draw(range(len(known)), MOST_POINTS, seed)
    points = RowView(known.table, known.places[shown]).records()
    share = r_squared(np.log(length), score)
    return {
        "n": len(known),
        "missing": len(view) - len(known),
        "r_squared": share,
        "spearman": None if share is None else spearman(length, score),
        "points": {
            "x": [int(length[place]) for place in shown],
            "y": [float(score[place]) for place in shown],
            "row": [row.row for row in points],
            "turn": [row.turn for row in points],
            "selected": [int(row.selected) for row in points],
        },
        "density": density(np.log10(length), score) if len(known) > MOST_POINTS else None,
    }


def r_squared(x: FloatArray, y: FloatArray) -> float | None:
    """Share of the variance of y that a straight line in x explains; None where a side does not vary beyond rounding.

    Args:
        x: Shape (n,).
        y: Shape (n,).
    """
    if len(x) < 3 or not (_varies(x) and _varies(y)):
        return None
    return float(np.corrcoef(x, y)[0, 1] ** 2)


def _varies(values: FloatArray) -> bool:
    return bool(np.ptp(values) > ROUNDING * np.abs(values).max())


def density(x: FloatArray, y: FloatArray) -> Block:
    """Counts on a grid, a row of counts for each bin of y."""
    ends = [span(float(values.min()), float(values.max())) for values in (x, y)]
    counts, across, up = np.histogram2d(x, y, bins=BINS, range=ends)
    return {"x": across.tolist(), "y": up.tolist(), "counts": counts.T.astype(int).tolist()}
