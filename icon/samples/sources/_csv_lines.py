"""The lines of a CSV file, with a bound on what one row may take."""

from __future__ import annotations

from typing import TextIO

from icon.samples.bounds import CHECKED_FROM, MAX_VALUES_PER_ROW, too_many_values
from icon.samples.rows import FieldFault

_ENDS = ("\n", "\r")


class Lines:
    """An iterator over lines for `csv.reader`, which itself reads rows of any length.

    Args:
        text: The file, with its line ends as they are.
        limit: Most characters of a row.

    Attributes:
        number: How many lines were given, those of a row that was too long included.

    Raises:
        FieldFault: By any step: the row is longer than the limit, or has more cells than any table has columns. The
            rest of its line is passed over.
    """

    def __init__(self, text: TextIO, limit: int) -> None:
        self._text, self._limit = text, limit
        self.number = 0
        self.start_row()

    def start_row(self) -> None:
        """The next line begins a row."""
        self._size = self._n_cells = 0
        self._is_quoted = False

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        if self._size > self._limit:
            self._pass_over(line)
            raise FieldFault(
                "", f"a row of more than {self._limit:,} characters", f"at most {self._limit:,} characters"
            )
        if self._size > CHECKED_FROM:
            self._count(line)
        self._is_quoted ^= bool(line.count('"') & 1)
        return line

    def _pass_over(self, line: str) -> None:
        while line and not line.endswith(_ENDS):
            line = self._text.readline(self._limit + 1)

    def _count(self, line: str) -> None:
        """Count cells by the commas outside quotes; those of the row's first lines are too few to matter."""
        pieces = line.split('"')
        self._n_cells += sum(piece.count(",") for piece in pieces[int(self._is_quoted) :: 2])
        if self._n_cells > MAX_VALUES_PER_ROW:
            raise too_many_values()
