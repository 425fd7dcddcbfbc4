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


TIMES = 3
"""How many times as long as a demonstration the assessment samples of a slice are together, at least: each slice reads
the demonstrations and random contexts once more, which so are at most about a quarter of it. With fewer, races read
more than measuring everything where demonstrations are long; with more, candidates leave later than they could."""

FEWEST_SLICES = 3
"""Where fewer slices of that size fit into the set, all of it is one slice, and nobody leaves: with two, so few leave
before the second that the demonstrations read again cost more than that saves."""


def boundaries(n: int, first: int = FIRST, fewest: int = 1) -> list[int]:
    """After how many of n assessment samples the race looks: `first`, then about 1.41 times as many each time.

    Below FIRST the number doubles: a look on fewer samples decides hardly anything, and each slice reads every
    candidate's demonstration once more. A slice has at least `fewest` samples; what is left after the last but one is
    part of it where it would be fewer.
    """
    looks = [0]
    while (last := looks[-1]) < n:
        usual = (min(2 * last, FIRST) if last < FIRST else math.ceil(last * GROWTH)) if last else first
        end = max(usual, last + fewest)
        looks.append(n if n - end < fewest else end)
    return looks[1:]


def fewest_samples(demonstrations: Sequence[int], samples: Sequence[int]) -> int:
    """Fewest assessment samples of a slice: as many as are `TIMES` as long as a demonstration, on average.

    Args:
        demonstrations: Length of each candidate's demonstration, in any unit.
        samples: Length of each assessment sample, in the same unit.

    Returns:
        That number, at least 1; all of them where `FEWEST_SLICES` such slices do not fit.
    """
    if not any(demonstrations) or not any(samples):
        return 1
    fewest = math.ceil(TIMES * sum(demonstrations) * len(samples) / (len(demonstrations) * sum(samples)))
    return len(samples) if FEWEST_SLICES * fewest > len(samples) else fewest


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
