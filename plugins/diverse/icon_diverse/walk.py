"""Goes down a ranking and passes over rows that are too similar to a kept one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon_diverse.similarity import BLOCK, columns, cosines


@dataclass(frozen=True, slots=True)
class Walk:
    """The result of a walk; a position is a place in the ranking, counted from 0.

    Attributes:
        kept: Positions that are kept, in order.
        passed: Positions that are passed over, in order.
        nearest: For each position in `kept` or `passed`, the most similar position kept before it; -1 where none has a
            cosine above 0.
        similarity: The cosine with that one; 0 where there is none.
    """

    kept: list[int]
    passed: list[int]
    nearest: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def to_fill(self, n: int) -> list[int]:
        """The n least similar of the positions passed over, ties in the order of the ranking."""
        return sorted(self.passed, key=lambda position: (self.similarity[position], position))[: max(0, n)]


def walk(rows: Any, n: int, bound: float, progress: Callable[[int, int, str], None]) -> Walk:
    """Keep each row in turn unless its cosine with one that is kept is above the bound, until n are kept.

    A block of rows is compared with all rows kept before it by one product per block, and with itself by another.
    Memory grows with the square of a block; time with the rows visited times the rows kept.

    Args:
        rows: Rows of length 1 in the order of the ranking, dense or sparse, shape (candidates, width).
        n: How many to keep.
        bound: Largest cosine allowed.
        progress: Called after each block with the number of rows kept, n and a note.
    """
    walked = Walk([], [], np.full(rows.shape[0], -1), np.zeros(rows.shape[0], dtype=np.float32))
    before: list[tuple[NDArray[np.int64], Any]] = []
    for start in range(0, rows.shape[0], BLOCK):
        block = rows[start : start + BLOCK]
        nearest, similarity = walked.nearest[start : start + BLOCK], walked.similarity[start : start + BLOCK]
        for positions, kept_before in before:
            _update(nearest, similarity, positions, cosines(block, kept_before))
        own = cosines(block, columns(block))
        first = len(walked.kept)
        for place in range(block.shape[0]):
            if len(walked.kept) == n:
                return walked
            if similarity[place] > bound:
                walked.passed.append(start + place)
                continue
            walked.kept.append(start + place)
            later = slice(place + 1, None)
            _update(nearest[later], similarity[later], np.array([start + place]), own[later, place : place + 1])
        progress(len(walked.kept), n, "kept")
        if len(walked.kept) > first:
            positions = np.array(walked.kept[first:])
            before.append((positions, columns(block[positions - start])))
    return walked


def _update(
    nearest: NDArray[np.int64],
    similarity: NDArray[np.float32],
    positions: NDArray[np.int64],
    new: NDArray[np.float32],
) -> None:
    """Update, in place, rows that are more similar to one of these kept positions than to any before them."""
    best = new.argmax(axis=1)
    largest = new[np.arange(len(new)), best]
    closer = largest > similarity
    similarity[closer] = largest[closer]
    nearest[closer] = positions[best[closer]]
