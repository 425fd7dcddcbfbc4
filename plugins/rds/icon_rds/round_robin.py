"""Targets take candidates in turn, so that no target's neighbours crowd out those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def round_robin(cosines: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """A score for each candidate: n for the one that is taken first, 1 for the last.

    The targets take turns, in their order. Each takes the candidate nearest to it that is still there, of equals the
    one with the lowest id.

    Args:
        cosines: For each of n candidates, by id, its cosine with each of m targets.
    """
    ids = sorted(cosines)
    left = np.array([cosines[each] for each in ids], dtype=np.float64).T.copy()
    found = {}
    for place in range(len(ids)):
        nearest = int(np.argmax(left[place % len(left)]))
        left[:, nearest] = -np.inf
        found[ids[nearest]] = float(len(ids) - place)
    return found
