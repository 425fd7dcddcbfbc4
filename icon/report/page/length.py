"""How much of the score the mere length of the response explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.contribution.agreement import spearman
from icon.report.page.drawing import draw
from icon.report.page.histogram import ROUNDING, span
from icon.report.page.ranking import value_of
from icon.runs.scores import ScoreRow
from icon.types import Sample

FloatArray = NDArray[np.float64]

MOST_POINTS = 3000
BINS = (60, 40)
"""Columns and rows of the density behind the points."""


def length_chart(rows: Sequence[ScoreRow], samples: Mapping[str, Sample], seed: int) -> dict[str, Any] | None:
    """Score against characters of the response, with what length alone explains; None without three such candidates.

    Args:
        rows: The scored rows.
        samples: Samples by id; a row without one is left out and counted.
        seed: Seed of the draw of points.

    Returns:
        n, missing, r_squared and spearman (None where a side does not vary), points: x, y, row, turn and selected of at
        most `MOST_POINTS`, and density: None, or edges of x and y (x as log10) and counts where there are more.
    """
    known = [(each, len(samples[each.id].response)) for each in rows if each.id in samples]
    known = [(each, n) for each, n in known if n > 0]
    if len(known) < 3:
        return None
    score = np.array([value_of(each, "score") for each, _ in known], dtype=np.float64)
    length = np.array([n for _, n in known], dtype=np.float64)
    shown = draw(range(len(known)), MOST_POINTS, seed)
    share = r_squared(np.log(length), score)
    return {
        "n": len(known),
        "missing": len(rows) - len(known),
        "r_squared": share,
        "spearman": None if share is None else spearman(length, score),
        "points": {
            "x": [int(length[place]) for place in shown],
            "y": [float(score[place]) for place in shown],
            "row": [known[place][0].row for place in shown],
            "turn": [known[place][0].turn for place in shown],
            "selected": [int(known[place][0].selected) for place in shown],
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


def density(x: FloatArray, y: FloatArray) -> dict[str, Any]:
    """Counts on a grid, a row of counts for each bin of y."""
    ends = [span(float(each.min()), float(each.max())) for each in (x, y)]
    counts, across, up = np.histogram2d(x, y, bins=BINS, range=ends)
    return {"x": across.tolist(), "y": up.tolist(), "counts": counts.T.astype(int).tolist()}
