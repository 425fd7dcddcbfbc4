"""Some rows of scores.parquet in an order of their own, as columns and as records that are made when looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from icon.runs.score_table import BATCH, ScoreTable
from icon.runs.scores import as_table
from icon.types import ScoreRow

FloatArray = NDArray[np.float64]


class RowView(Sequence[ScoreRow]):
    """Some rows of a table.

    Args:
        table: The table.
        places: Places of the rows in it, in the order of the view.

    Attributes:
        table: As given; `places` likewise.
    """

    def __init__(self, table: ScoreTable, places: NDArray[np.int64]) -> None:
        self.table, self.places = table, places

    @classmethod
    def of(cls, rows: Sequence[ScoreRow]) -> RowView:
        """A view of all these rows, in the order of the pool where they are no view yet."""
        if isinstance(rows, RowView):
            return rows
        table = as_table(rows)
        return cls(table, np.arange(len(table)))

    def where(self, chosen: NDArray[np.bool_]) -> RowView:
        """Those of the rows that are marked, by one mark for each."""
        return RowView(self.table, self.places[chosen])

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """Their ids."""
        return self.table.ids[self.places]

    @property
    def selected(self) -> NDArray[np.bool_]:
        """Whether each is selected."""
        return self.table.selected[self.places]

    def numbers(self, name: str) -> FloatArray:
        """A column of numbers, NaN where there is none."""
        return self.table.numbers(name)[self.places]

    def best_first(self) -> RowView:
        """The same rows from the highest score down, equal scores in the order of their ids."""
        return RowView(self.table, self.places[np.lexsort((self.ids, -self.numbers("score")))])

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, number: int) -> ScoreRow: ...

    @overload
    def __getitem__(self, number: slice) -> RowView: ...

    def __getitem__(self, number: int | slice) -> ScoreRow | RowView:
        if isinstance(number, slice):
            return RowView(self.table, self.places[number])
        return self.table[int(self.places[number])]

    def __iter__(self) -> Iterator[ScoreRow]:
        for start in range(0, len(self.places), BATCH):
            yield from self._records(self.places[start : start + BATCH])

    def records(self) -> list[ScoreRow]:
        """All of them as records, read in the order of the table."""
        return self._records(self.places)

    def _records(self, places: NDArray[np.int64]) -> list[ScoreRow]:
        order = np.argsort(places, kind="stable")
        found: list[ScoreRow | None] = [None] * len(places)
        for number, row in zip(order.tolist(), self.table.at(places[order]), strict=True):
            found[number] = row
        return [row for row in found if row is not None]
