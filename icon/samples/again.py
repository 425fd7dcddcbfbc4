"""Samples of a source read again from its files, and proved to be those that were read at first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.samples.addresses import Piece
from icon.samples.columns import SampleColumns
from icon.samples.ids import texts_of
from icon.samples.records import records_again
from icon.samples.way import Way
from icon.types import Sample

_BLOCK = 65_536
"""Samples that are looked for at once."""

Expected = tuple[int, int, str]
"""Row, turn and id of a sample."""


@dataclass(frozen=True, slots=True)
class Again:
    """Reads samples of a source again, where their texts are not in memory.

    Attributes:
        name: The source, for messages.
        pieces: Its files and data sets.
        starts: The first row of each.
        split: Which split of a data set.
        way: How records become samples.
    """

    name: str
    pieces: Sequence[Piece]
    starts: Sequence[int]
    split: str
    way: Way

    def read(self, columns: SampleColumns, places: NDArray[np.int64] | None = None) -> Iterator[Sample]:
        """The samples at these places, in one pass over the source or less.

        Args:
            columns: Of all samples, in the order of the rows.
            places: Ascending; None for all.

        Raises:
            InputError: The source cannot be read any more, or has other samples in these places.
        """
        expected = _expected(columns, places)
        wanted = next(expected, None)
        rows, offsets = _rows_of(columns, places)
        for record in records_again(self.pieces, self.starts, self.split, rows, offsets):
            for sample in self.way.samples_again(record):
                if wanted == (sample.row, sample.turn, sample.id):
                    yield sample
                    wanted = next(expected, None)
            if wanted is not None and wanted[0] <= record.row:
                raise self._changed(wanted[0])
        if wanted is not None:
            raise self._changed(wanted[0])

    def _changed(self, row: int) -> InputError:
        return InputError(
            f"{self.name}: changed since it was read: row {row} is not the sample that it was; valid: a file that "
            "nothing writes to. Restore the file and start the command again"
        )


def _rows_of(columns: SampleColumns, places: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of these samples, each once, and where their records begin."""
    rows, offsets = (
        (columns.rows, columns.offsets) if places is None else (columns.rows[places], columns.offsets[places])
    )
    if len(rows) < 2 or (rows[1:] != rows[:-1]).all():
        return rows, offsets
    first = np.append(True, rows[1:] != rows[:-1])
    return rows[first], offsets[first]


def _expected(columns: SampleColumns, places: NDArray[np.int64] | None) -> Iterator[Expected]:
    n = len(columns) if places is None else len(places)
    for start in range(0, n, _BLOCK):
        block = slice(start, start + _BLOCK) if places is None else places[start : start + _BLOCK]
        ids = texts_of(columns.ids[block])
        yield from zip(columns.rows[block].tolist(), columns.turns[block].tolist(), ids, strict=True)
