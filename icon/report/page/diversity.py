"""How unlike one another the selected texts are, against random selections of the same size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 100


def mean_distance(vectors: Any) -> float | None:
    """Mean cosine distance over all pairs of distinct rows; None with under two rows.

    For rows of length 1 it is 1 - (|sum|^2 - sum of |row|^2) / (n (n - 1)), so no pair has to be looked at.

    Args:
        vectors: Sparse or dense, shape (n, terms), rows of Euclidean length 1; a row of zeros is 1 away from any other.
    """
    n = vectors.shape[0]
    if n < 2:
        return None
    total = np.asarray(vectors.sum(axis=0)).ravel()
    own = float(vectors.multiply(vectors).sum()) if hasattr(vectors, "multiply") else float((vectors**2).sum())
    return float(1 - (total @ total - own) / (n * (n - 1)))


def diversity(vectors: Any, pool: Sequence[int], selected: Sequence[int], seed: int) -> dict[str, Any] | None:
    """The selection's mean distance, and that of random selections of its size; None where that says nothing.

    Args:
        vectors: TF-IDF of the texts.
        pool: Rows of it that random selections are drawn from.
        selected: Rows of it that were selected.
        seed: Seed of the draws.

    Returns:
        selected, random: the mean over the draws, low and high: their 5% and 95% points, n: size, draws.
    """
    n = len(selected)
    found = mean_distance(vectors[list(selected)]) if n >= 2 else None
    if found is None or n >= len(pool):
        return None
    draws = _random(vectors[list(pool)], n, seed)
    low, high = np.quantile(draws, (0.05, 0.95))
    random = float(draws.mean())
    return {"selected": found, "random": random, "low": float(low), "high": float(high), "n": n, "draws": DRAWS}


def _random(vectors: Any, n: int, seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    size = vectors.shape[0]
    return np.array([mean_distance(vectors[generator.choice(size, n, replace=False)]) for _ in range(DRAWS)])
