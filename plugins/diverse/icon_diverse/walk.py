"""Goes down a ranking and passes over what resembles something that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon_diverse.similarity import BLOCK, columns, cosines


@dataclass(frozen=True, slots=True)
class Walk:
    """What was met on the way; a position is a place in the ranking, counted from 0.

    Attributes:
        kept: Positions that are kept, in order.
        passed: Positions that are passed over, in order.
        nearest: For each position in `kept` or `passed`, the one kept before it that is most similar; -1 where none has
            a cosine above 0.
        similarity: The cosine with that one; 0 where there is none.
    """

    kept: list[int]
    passed: list[int]
    nearest: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def to_fill(self, n: int) -> list[int]:
        """Of those passed over the n least similar ones, equals in the order of the ranking."""
        return sorted(self.passed, key=lambda position: (self.similarity[position], position))[: max(0, n)]


def walk(rows: Any, n: int, bound: float, progress: Callable[[int, int, str], None]) -> Walk:
    """Keep each row in turn unless its cosine with one that is kept is above the bound, until n are kept.

    A block of rows is held against everything kept before it by one product, and against itself by another; memory is
    that of a block by a block, time that of the rows looked at by the rows kept.

    Args:
        rows: Rows of length 1 in the order of the ranking, dense or sparse, shape (candidates, width).
        n: How many to keep.
        bound: Largest cosine allowed.
        progress: Told after each block how many are kept, of how many.
    """
    found = Walk([], [], np.full(rows.shape[0], -1), np.zeros(rows.shape[0], dtype=np.float32))
    before: list[tuple[NDArray[np.int64], Any]] = []
    for start in range(0, rows.shape[0], BLOCK):
        block = rows[start : start + BLOCK]
        nearest, similarity = found.nearest[start : start + BLOCK], found.similarity[start : start + BLOCK]
        for positions, kept_before in before:
            _hold(nearest, similarity, positions, cosines(block, kept_before))
        own = cosines(block, columns(block))
        first = len(found.kept)
        for place in range(block.shape[0]):
            if len(found.kept) == n:
                return found
            if similarity[place] > bound:
                found.passed.append(start + place)
                continue
            found.kept.append(start + place)
            later = slice(place + 1, None)
            _hold(nearest[later], similarity[later], np.array([start + place]), own[later, place : place + 1])
        progress(len(found.kept), n, "kept")
        if len(found.kept) > first:
            positions = np.array(found.kept[first:])
            before.append((positions, columns(block[positions - start])))
    return found


def _hold(
    nearest: NDArray[np.int64],
    similarity: NDArray[np.float32],
    positions: NDArray[np.int64],
    found: NDArray[np.float32],
) -> None:
    """Note, in place, where a row is more similar to one of these kept positions than to any before them."""
    best = found.argmax(axis=1)
    largest = found[np.arange(len(found)), best]
    closer = largest > similarity
    similarity[closer] = largest[closer]
    nearest[closer] = positions[best[closer]]
