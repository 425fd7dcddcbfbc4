"""How the assessment set is cut into slices: each as large as what lies before it asks for."""

from __future__ import annotations

import math

FIRST = 8
"""Assessment samples of the first slice: with the variances that were measured, a reliability of about 0.8."""
GROWTH = math.sqrt(2)
"""How many times as many samples are measured after a slice as before it: two looks for each doubling."""


def boundaries(n: int, first: int = FIRST) -> list[int]:
    """After how many of n assessment samples the race looks: `first`, then about 1.41 times as many each time.

    Below FIRST the number doubles: with less than that behind it, a look decides hardly anything, and each slice
    reads every candidate's demonstration once more.
    """
    looks = [min(first, n)]
    while looks[-1] < n:
        last = looks[-1]
        looks.append(min(n, min(2 * last, FIRST) if last < FIRST else math.ceil(last * GROWTH)))
    return looks
