"""K-means clustering in numpy: importing scikit-learn for it takes longer than drawing a page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STARTS = 4

MOST_ROUNDS = 300

Points = NDArray[np.float64]
Labels = NDArray[np.int_]


def kmeans(points: Points, k: int, seed: int) -> Labels:
    """The cluster of each point: of `STARTS` starts, the one with the least sum of squared distances to the means.

    Lloyd's algorithm from starts spread as by k-means++ (Arthur and Vassilvitskii, 2007).

    Args:
        points: Shape (points, directions); at least k of them differ.
        k: How many clusters; some may come out empty.
        seed: Seed of the starts.

    Returns:
        Shape (points,), numbers below k.
    """
    generator = np.random.default_rng(seed)
    found = [_from(points, _spread(points, k, generator)) for _ in range(STARTS)]
    return min(found, key=lambda one: one[1])[0]


def _from(points: Points, means: Points) -> tuple[Labels, float]:
    """The labels and the sum of squared distances that Lloyd's algorithm ends with."""
    labels = np.full(len(points), -1)
    for _ in range(MOST_ROUNDS):
        distances = _squared_distances(points, means)
        nearest = distances.argmin(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
        for number in range(len(means)):
            if (own := labels == number).any():
                means[number] = points[own].mean(axis=0)
    return labels, float(_squared_distances(points, means)[np.arange(len(points)), labels].sum())


def _spread(points: Points, k: int, generator: np.random.Generator) -> Points:
    """Some k of the points, each drawn by its squared distance to the nearest one before it."""
    chosen = [int(generator.integers(len(points)))]
    nearest = _squared_distances(points, points[chosen])[:, 0]
    while len(chosen) < k:
        total = float(nearest.sum())
        chosen.append(int(generator.choice(len(points), p=nearest / total if total > 0 else None)))
        nearest = np.minimum(nearest, _squared_distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen].copy()


def _squared_distances(points: Points, means: Points) -> Points:
    """Shape (points, means)."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ means.T + (means**2).sum(axis=1)
    distances: Points = np.maximum(squares, 0)
    return distances
