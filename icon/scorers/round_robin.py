"""Round-robin ranking: targets take candidates in turn, so that no target's neighbours crowd out another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def round_robin(cosines: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Score of each candidate: n for the one that is taken first, 1 for the last.

    The targets take turns, in their order. Each takes the nearest candidate that is not taken yet; ties go to the
    lowest id.

    Args:
        cosines: For each of n candidates, by id, its cosine with each of m targets.
    """
    ids = sorted(cosines)
    left = np.array([cosines[id_] for id_ in ids], dtype=np.float64).T.copy()
    scores = {}
    for place in range(len(ids)):
        nearest = int(np.argmax(left[place % len(left)]))
        left[:, nearest] = -np.inf
        scores[ids[nearest]] = float(len(ids) - place)
    return scores
