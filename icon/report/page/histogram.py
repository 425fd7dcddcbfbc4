"""Counts of values in bins of one width: the distribution as it is, nothing smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FEWEST, MOST = 8, 60
FENCE = 8
"""Interquartile ranges beyond the quartiles at which the axis ends."""
ROUNDING, NARROW = 1e-12, 1e-9
"""Shares of the largest value: differences up to the first are none, and no axis ends at a fence within the second."""


def histogram(values: Sequence[float], bins: int | None = None) -> dict[str, Any]:
    """Equal bins over the values, the upper edge of each in the next one, that of the last one in itself.

    A few values far off would press all others into one bar: the axis ends 8 interquartile ranges beyond the quartiles,
    and what lies beyond is counted in the outermost bars and told.

    Args:
        values: At least one, all finite.
        bins: How many; None for twice the cube root of n (Rice's rule), 8 to 60.

    Returns:
        edges (bins + 1), counts (bins), below and above: how many values lie beyond the axis.
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
    """Share of the values in each of these bins; what lies beyond the axis is counted in the outermost ones."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=np.asarray(edges))
    return (counts / max(1, len(values))).tolist()  # type: ignore[no-any-return]


def _ends(data: np.ndarray) -> tuple[float, float]:
    low, high = float(data.min()), float(data.max())
    first, third = (float(each) for each in np.quantile(data, (0.25, 0.75)))
    reach = FENCE * (third - first)
    wide = reach > NARROW * max(abs(low), abs(high))  # else most values are one, apart from rounding
    return (max(low, first - reach), min(high, third + reach)) if wide else (low, high)
