"""The measurements of a part as a table, of which records are made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

from icon.types import Measurement

ROWS = 8192
"""Records that are made at a time."""

Make = Callable[[pa.Table], list[Measurement]]


class PartRows(Sequence[Measurement]):
    """The measurements of a part.

    Args:
        table: Its table, of which columns without a value are left out.
        make: Makes records of a table.
    """

    def __init__(self, table: pa.Table, make: Make) -> None:
        empty = [name for name in table.schema.names if table[name].null_count == len(table)]
        self._table, self._make = table.drop_columns(empty), make

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[Measurement]:
        for start in range(0, len(self), ROWS):
            yield from self._make(self._table.slice(start, ROWS))

    @overload
    def __getitem__(self, number: int) -> Measurement: ...

    @overload
    def __getitem__(self, number: slice) -> list[Measurement]: ...

    def __getitem__(self, number: int | slice) -> Measurement | list[Measurement]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        return self._make(self._table.slice(range(len(self))[number], 1))[0]

    def names(self, column: str) -> set[str]:
        """The candidates or assessment samples that it has measurements of."""
        if column not in self._table.schema.names:
            return set()
        return {name for name in pc.unique(self._table[column]).to_pylist() if name is not None}
