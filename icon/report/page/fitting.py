"""What the blocks of texts leave out so that the page keeps to its size: ends of long texts, weak group values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHORTEST = 200
"""Characters below which no text is cut while there is anything else to leave out."""
STRONGEST = 5
"""Group values of a row that are kept where not all of them fit."""
FEWER = (STRONGEST, 3, 2, 0)
"""How many are kept where that is not enough: as many as fit."""
GROUPS_SHARE = 0.3
"""Share of the budget that group values may take while texts are cut for them."""
TRIED = 12
"""Blocks from whose size that of all is told beforehand."""
SAFE = 0.9
"""Share of the budget that is aimed at, since the size is told from some blocks."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out.

    Attributes:
        length: Characters that longer texts are cut to; None where all are whole.
        groups: How many group values a row keeps at most, the strongest ones; None where all are there.
        fits: Whether that was enough.
    """

    length: int | None = None
    groups: int | None = None
    fits: bool = True


Size = Callable[[int, Cut], int]


def fitting_cut(size_of: Size, starts: Sequence[int], longest: int, budget: int) -> Cut:
    """The mildest cut under which some of the blocks, for all of them, keep within the budget.

    Args:
        size_of: Bytes of the block that starts at a row, under a cut.
        starts: Where the blocks start.
        longest: Characters of the longest text.
        budget: Bytes that all blocks together may take.
    """
    tried = starts[:: max(1, len(starts) // TRIED)]

    def size(cut: Cut) -> float:
        return sum(size_of(start, cut) for start in tried) * len(starts) / max(1, len(tried))

    if size(Cut()) <= SAFE * budget:
        return Cut()
    groups = size(Cut(0)) - size(Cut(0, 0))
    kept = STRONGEST if groups > GROUPS_SHARE * budget else None
    if kept is not None and size(Cut(None, kept)) <= SAFE * budget:
        return Cut(None, kept)
    if groups > 0 and size(Cut(SHORTEST, kept)) > budget:
        kept = next((few for few in FEWER if size(Cut(SHORTEST, few)) <= budget), 0)
    fits, exceeds = SHORTEST, longest
    if size(Cut(SHORTEST, kept)) > budget:
        fits, exceeds = 0, SHORTEST
    while exceeds - fits > max(1.0, 0.05 * fits):
        middle = (fits + exceeds) // 2
        fits, exceeds = (middle, exceeds) if size(Cut(middle, kept)) <= SAFE * budget else (fits, middle)
    return Cut(fits, kept)


def shorter(cut: Cut, longest: int, groups: int) -> Cut | None:
    """The next cut to try where one was not enough: shorter texts, fewer group values, no texts; None at last.

    Args:
        cut: What was tried.
        longest: Characters of the longest text.
        groups: How many task groups there are.
    """
    length = longest if cut.length is None else cut.length
    if length > SHORTEST:
        return Cut(max(SHORTEST, int(0.8 * length)), cut.groups)
    if groups and cut.groups != 0:
        return Cut(cut.length, next(few for few in FEWER if cut.groups is None or few < cut.groups))
    return Cut(length // 2, cut.groups) if length > 0 else None
