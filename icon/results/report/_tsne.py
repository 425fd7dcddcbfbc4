"""t-SNE of up to a thousand points in numpy: importing scikit-learn for it takes longer than drawing a page.

Van der Maaten and Hinton (2008), "Visualizing data using t-SNE", with the affinities of the nearest points only (van
der Maaten, 2014), started from the main plane. Steps and constants are scikit-learn's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from icon.results.report._directions import main_plane

EXAGGERATION, EXAGGERATED = 12.0, 250
"""Factor of the affinities in the first steps, and how many these are."""

MOMENTA = 0.5, 0.8
"""In the first steps, and after them."""

NEIGHBOURS = 3
"""Nearest points with an affinity, as a multiple of the perplexity."""

HALVINGS = 64
"""Steps of the search for a width; each halves what is left."""

LEAST_GAIN = 0.01

Plane = NDArray[np.float32]


def tsne(points: NDArray[np.float64], perplexity: float, steps: int) -> NDArray[np.float64]:
    """Two coordinates of each point, such that points near to one another stay so.

    Args:
        points: Shape (points, directions).
        perplexity: About how many neighbours a point has, below the number of points.
        steps: Steps of the descent, more than `EXAGGERATED`.

    Returns:
        Shape (points, 2).
    """
    shared = affinities(points, perplexity).astype(np.float32)
    plane = main_plane(points)
    at = (plane / max(float(plane[:, 0].std()), 1e-12) * 1e-4).astype(np.float32)
    rate = np.float32(max(len(points) / EXAGGERATION / 4, 50.0))
    step, gains = np.zeros_like(at), np.ones_like(at)
    exaggerated = shared * np.float32(EXAGGERATION)
    for number in range(steps):
        early = number < EXAGGERATED
        slope = _slope(at, exaggerated if early else shared)
        same = step * slope > 0
        gains = np.maximum(np.where(same, gains * np.float32(0.8), gains + np.float32(0.2)), np.float32(LEAST_GAIN))
        step = np.float32(MOMENTA[0] if early else MOMENTA[1]) * step - rate * gains * slope
        at += step
    return at.astype(np.float64)


def affinities(points: NDArray[np.float64], perplexity: float) -> NDArray[np.float64]:
    """Joint probabilities p_ij = (p_j|i + p_i|j) / 2n, where p_j|i is normal with a width that gives the perplexity.

    Returns:
        Shape (points, points), symmetric, its sum 1.
    """
    n = len(points)
    squares = (points**2).sum(axis=1)
    distances = np.maximum(squares[:, None] - 2 * points @ points.T + squares, 0)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1, kind="stable")[:, : min(n - 1, int(NEIGHBOURS * perplexity) + 1)]
    conditional = np.zeros((n, n))
    np.put_along_axis(conditional, near, _conditional(np.take_along_axis(distances, near, axis=1), perplexity), axis=1)
    joint: NDArray[np.float64] = (conditional + conditional.T) / (2 * n)
    return joint


def _conditional(distances: NDArray[np.float64], perplexity: float) -> NDArray[np.float64]:
    """Probabilities of the neighbours of each point, exp(-b d) over their sum, of entropy ln(perplexity)."""
    distances = distances - distances.min(axis=1, keepdims=True)
    low, high = np.full((len(distances), 1), -30.0), np.full((len(distances), 1), 30.0)
    scale = np.maximum(distances.mean(axis=1, keepdims=True), 1e-12)
    for _ in range(HALVINGS):
        middle = (low + high) / 2  # the logarithm of b times the mean distance
        found = _softened(distances, np.exp(middle) / scale)
        entropy = -(found * np.log(np.maximum(found, 1e-300))).sum(axis=1, keepdims=True)
        wider = entropy < np.log(perplexity)
        low, high = np.where(wider, low, middle), np.where(wider, middle, high)
    return found


def _softened(distances: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(-distances * b)
    softened: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return softened


def _slope(at: Plane, shared: NDArray[np.float32]) -> Plane:
    """The gradient of the divergence: 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)."""
    squares = (at**2).sum(axis=1)
    kernel = at @ at.T
    kernel *= -2
    kernel += squares[:, None] + 1
    kernel += squares
    np.reciprocal(kernel, out=kernel)
    np.fill_diagonal(kernel, 0)
    pull = kernel / -kernel.sum()
    pull += shared
    pull *= kernel
    slope: Plane = 4 * (pull.sum(axis=1)[:, None] * at - pull @ at)
    return slope
