"""Counts of values in bins of one width: the distribution as it is, nothing smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FEWEST, MOST = 8, 60
FENCE = 8
"""Interquartile ranges beyond the quartiles at which the axis ends."""


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
    low, high = _ends(data)
    if low == high:
        low, high, bins = low - 0.5, high + 0.5, 1
    n = bins or int(np.clip(round(2 * len(data) ** (1 / 3)), FEWEST, MOST))
    counts, edges = np.histogram(np.clip(data, low, high), bins=n, range=(low, high))
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "below": int((data < low).sum()),
        "above": int((data > high).sum()),
    }


def shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Share of the values in each of these bins; what lies beyond the axis is counted in the outermost ones."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=np.asarray(edges))
    return (counts / max(1, len(values))).tolist()  # type: ignore[no-any-return]


def _ends(data: np.ndarray) -> tuple[float, float]:
    low, high = float(data.min()), float(data.max())
    first, third = (float(each) for each in np.quantile(data, (0.25, 0.75)))
    reach = FENCE * (third - first)
    return (max(low, first - reach), min(high, third + reach)) if reach > 0 else (low, high)
