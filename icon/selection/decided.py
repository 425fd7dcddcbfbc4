"""Decisions on very many candidates as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from icon.samples.ids import IdArray, IntArray, id_array
from icon.types import Decision

BATCH = 8192
"""Records that are made at a time."""

Reasons = Callable[[IntArray], list[str]]
"""Why, in words, for the candidates at these places."""


@dataclass(frozen=True, eq=False)
class Decided(Sequence[Decision]):
    """A decision for every candidate; records are made when they are looked at.

    Attributes:
        ids: Ids of the candidates, shape (n,).
        selected: Whether each is selected.
        ranks: Rank of each, from 1; 0 where it could not be ranked.
        reasons: Why.
        probabilities: The classifier's probability of the label 1, NaN for none; None for other selectors.
        deciders: Name of the scorer whose score decided on each; None where one score decided on all.
    """

    ids: IdArray
    selected: NDArray[np.bool_]
    ranks: IntArray
    reasons: Reasons
    probabilities: NDArray[np.float64] | None = None
    deciders: Sequence[str] | None = None

    @classmethod
    def of(cls, decisions: Sequence[Decision]) -> Decided:
        """The columns of some decisions."""
        if isinstance(decisions, Decided):
            return decisions
        n = len(decisions)
        known = [np.nan if one.probability is None else one.probability for one in decisions]
        return cls(
            id_array(one.id for one in decisions),
            np.fromiter((bool(one.selected) for one in decisions), dtype=np.bool_, count=n),
            np.fromiter((one.rank or 0 for one in decisions), dtype=np.int64, count=n),
            lambda places: [decisions[place].reason for place in places.tolist()],
            np.array(known, dtype=np.float64),
            [one.decided_by for one in decisions] if any(one.decided_by for one in decisions) else None,
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Decision]:
        for start in range(0, len(self), BATCH):
            yield from self[start : start + BATCH]

    @overload
    def __getitem__(self, place: int) -> Decision: ...

    @overload
    def __getitem__(self, place: slice) -> list[Decision]: ...

    def __getitem__(self, place: int | slice) -> Decision | list[Decision]:
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._some(np.array([places]))[0]
        return self._some(np.array(places, dtype=np.int64))

    def _some(self, places: IntArray) -> list[Decision]:
        known = np.full(len(places), np.nan) if self.probabilities is None else self.probabilities[places]
        by = [self.deciders[place] if self.deciders else "" for place in places.tolist()]
        columns = (self.ids[places], self.selected[places], self.ranks[places], self.reasons(places), known, by)
        return [
            Decision(id_.decode(), bool(chosen), int(rank) or None, why, None if np.isnan(known) else float(known), by)
            for id_, chosen, rank, why, known, by in zip(*columns, strict=True)
        ]
