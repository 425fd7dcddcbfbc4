"""The main directions of vectors: a truncated SVD of sparse ones, and the two of a plane.

In numpy alone: importing scikit-learn for them takes longer than drawing a page.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BEYOND = 10
"""Directions beyond those asked for that the search has, which makes those exact (Halko et al., 2011, section 1.3)."""

PASSES = 5
"""Power iterations, as scikit-learn's `TruncatedSVD` has them."""


def main_directions(matrix: Any, n: int, seed: int) -> NDArray[np.float64]:
    """The rows in the n directions of largest singular value, each scaled to length 1; a row of zeros stays one.

    A randomised truncated SVD (Halko, Martinsson and Tropp, 2011, "Finding structure with randomness", algorithm 4.4).

    Args:
        matrix: Sparse, shape (rows, columns), more than n of both.
        n: How many directions.
        seed: Seed of the random start.

    Returns:
        Shape (rows, n).
    """
    start = np.random.default_rng(seed).normal(size=(matrix.shape[1], min(n + BEYOND, *matrix.shape)))
    basis = np.linalg.qr(matrix @ start)[0]
    for _ in range(PASSES):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    right = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)[2]
    found = _signed(matrix @ right[:n].T)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    rows: NDArray[np.float64] = found / np.where(length > 0, length, 1)
    return rows


def main_plane(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points in the two directions in which they vary most, their mean at 0 (PCA).

    Args:
        points: Shape (points, directions), at least two of both.

    Returns:
        Shape (points, 2).
    """
    left, values, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    plane: NDArray[np.float64] = _signed(left[:, :2]) * values[:2]
    return plane


def _signed(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns whose entry furthest from 0 is positive: a direction and its opposite are equally main ones."""
    furthest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    signed: NDArray[np.float64] = columns * np.where(furthest < 0, -1.0, 1.0)
    return signed
