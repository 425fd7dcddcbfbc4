"""The slices of a race: their sizes, and an order of the assessment samples that decides soonest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FIRST = 8
"""Assessment samples of the first slice: a reliability of about 0.8 with the variances that were measured."""

FIRST_LOOK = 4
"""The same where candidates leave once they are likely to be on their side: one that left may return."""

GROWTH = math.sqrt(2)
"""Factor on the number of measured samples from one slice to the next: two looks per doubling."""

PILOT = 16
"""Most candidates of the pilot: with 16, orders learnt on 120 Alpaca candidates carried over to the others."""

FEWEST = 4
"""Smallest pilot; with fewer candidates, correlations say nothing."""


def boundaries(n: int, first: int = FIRST) -> list[int]:
    """After how many of n assessment samples the race looks: `first`, then about 1.41 times as many each time.

    Below FIRST the number doubles: a look on fewer samples decides hardly anything, and each slice reads every
    candidate's demonstration once more.
    """
    looks = [min(first, n)]
    while looks[-1] < n:
        last = looks[-1]
        looks.append(min(n, min(2 * last, FIRST) if last < FIRST else math.ceil(last * GROWTH)))
    return looks


def pilot_size(n_candidates: int) -> int:
    """Size of the pilot: at most a quarter of the candidates; 0 where that is too few to learn from."""
    size = min(PILOT, n_candidates // 4)
    return size if size >= FEWEST else 0


def informative_order(c: NDArray[np.float64], lengths: Sequence[int]) -> list[int]:
    """Places of the samples in the order in which they should be measured.

    Args:
        c: Task contributions of the pilot, shape (candidates, samples), without gaps.
        lengths: Length of each sample, in any unit.
    """
    centred = c - c.mean(axis=0)
    whole = centred.mean(axis=1)
    cost = np.maximum(np.asarray(lengths, dtype=np.float64), 1.0)
    so_far, reached = np.zeros(len(c)), 0.0
    left = np.ones(c.shape[1], dtype=bool)
    order: list[int] = []
    while left.any():
        sums = so_far[:, None] + centred
        norms = np.sqrt((sums**2).sum(axis=0) * (whole**2).sum())
        along = np.where(norms > 0, (whole @ sums) / np.where(norms > 0, norms, 1.0), 0.0)
        gain = np.sign(along) * along**2 - reached
        value = np.where(gain > 0, gain / cost, gain * cost)  # a loss weighs more for a longer sample
        best = int(np.argmax(np.where(left, value, -np.inf)))
        order.append(best)
        left[best] = False
        so_far, reached = sums[:, best], float(reached + gain[best])
    return order
