"""Samples of a source that repeat an earlier one, found among the ids of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from icon.samples.columns import SampleColumns
from icon.samples.ids import IdArray
from icon.samples.places import first_places


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A sample with the same content as an earlier one: its id and place, and the row of the first."""

    id: str
    row: int
    turn: int
    first_row: int


class Duplicates(Sequence[Duplicate]):
    """Duplicates in the order of their rows, kept as columns.

    Attributes:
        ids: Their ids.
        rows: Their rows.
        turns: Which assistant turn of its record each is.
        first_rows: The row of the sample that each repeats.
    """

    def __init__(self, columns: SampleColumns, first_rows: NDArray[np.int64]) -> None:
        self.ids: IdArray = columns.ids
        self.rows, self.turns, self.first_rows = columns.rows, columns.turns, first_rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Duplicate: ...

    @overload
    def __getitem__(self, place: slice) -> list[Duplicate]: ...

    def __getitem__(self, place: int | slice) -> Duplicate | list[Duplicate]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        id_ = self.ids[place].decode("utf-8", "surrogatepass")
        return Duplicate(id_, int(self.rows[place]), int(self.turns[place]), int(self.first_rows[place]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def parted(columns: SampleColumns) -> tuple[NDArray[np.int64] | None, Duplicates]:
    """The places of the samples that repeat none before them, None for all; and the duplicates."""
    first = first_places(columns.ids)
    twins = np.flatnonzero(first != np.arange(len(first)))
    if not len(twins):
        return None, Duplicates(columns.take(twins), twins)
    kept = np.flatnonzero(first == np.arange(len(first)))
    return kept, Duplicates(columns.take(twins), columns.rows[first[twins]])
