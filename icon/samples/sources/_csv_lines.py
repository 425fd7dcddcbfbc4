"""The lines of a CSV file, with a bound on what one row may take."""

from __future__ import annotations

import re
from typing import TextIO

from icon.samples.bounds import CHECKED_FROM, MAX_VALUES_PER_ROW, too_many_values
from icon.samples.rows import FieldFault

_ENDS = ("\n", "\r")

_WITHIN = r'(?:[^"]++|"")*+"'

_CLOSED = re.compile(rf'{_WITHIN}(?:,(?:[^",]*+,)*+"{_WITHIN})*+')
"""From within a quoted cell to its end, and on to that of the last that is closed; plain cells may lie between."""

_PIECE = 1 << 20
"""Characters of a row that are looked at together when it is passed over."""


class Lines:
    """An iterator over lines for `csv.reader`, which itself reads rows of any length.

    Args:
        text: The file, with its line ends as they are.
        limit: Most characters of a row.

    Attributes:
        number: How many lines were given or passed over.

    Raises:
        FieldFault: By any step: the row is longer than the limit, or has more cells than any table has columns. The
            rest of the row is passed over, up to the line on which its quotes are closed, or the end of the file.
    """

    def __init__(self, text: TextIO, limit: int) -> None:
        self._text, self._limit, self._ahead = text, limit, ""
        self.number = 0
        self.start_row()

    def start_row(self) -> None:
        """The next line begins a row."""
        self._size = self._n_cells = 0
        self._line, self._is_quoted = "", False

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        self._is_quoted = bool(self._line)  # a row goes on over the end of a line within quotes only
        self._line = line = self._read(self._limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        if self._size > self._limit:
            self.pass_over()
            raise FieldFault(
                "", f"a row of more than {self._limit:,} characters", f"at most {self._limit:,} characters"
            )
        if self._size > CHECKED_FROM:
            self._count(line)
        return line

    def pass_over(self) -> None:
        """Pass over what is left of the row: nothing within its quotes is a row of its own."""
        line, quotes = self._line, _Quotes(self._is_quoted)
        while line:
            quotes.pass_over(line)
            has_ended = line.endswith(_ENDS)
            if has_ended and not quotes.are_open:
                return
            line = self._read(_PIECE)
            self.number += bool(has_ended and line)

    def _read(self, size: int) -> str:
        """The next line, or about so many characters of it, never cut within the two of its end on Windows."""
        line, self._ahead = self._ahead, ""
        if not line.endswith(_ENDS):
            line += self._text.readline(size)
        if line.endswith("\r") and (len(line) >= size or line == "\r"):
            self._ahead = self._text.read(1)
            if self._ahead == "\n":
                line, self._ahead = line + "\n", ""
        return line

    def _count(self, line: str) -> None:
        """Count cells by the commas outside quotes; those of the row's first lines are too few to matter."""
        pieces = line.split('"')
        self._n_cells += sum(piece.count(",") for piece in pieces[int(self._is_quoted) :: 2])
        if self._n_cells > MAX_VALUES_PER_ROW:
            del pieces
            self.pass_over()
            raise too_many_values()


class _Quotes:
    """Whether a quoted cell is open at the end of the text passed over so far.

    A quote opens a cell at its start only, and a doubled one within is a character: so of quotes that stand together
    an odd number opens or closes a cell.

    Args:
        are_open: Whether the text begins within a quoted cell.
    """

    def __init__(self, are_open: bool) -> None:
        self.are_open = are_open
        self._before = ","
        self._odd = ""

    def pass_over(self, text: str) -> None:
        for at in range(0, len(text), _PIECE):
            self._piece(self._odd + text[at : at + _PIECE])

    def _piece(self, text: str) -> None:
        whole = text.rstrip('"')  # the quotes at the end may go on in the next piece
        self._odd = '"' * (len(text) - len(whole) & 1)
        at = 0
        if not self.are_open and self._before == "," and whole.startswith('"'):
            self.are_open, at = True, 1
        while True:
            if self.are_open:
                closed = _CLOSED.match(whole, at)
                if closed is None:
                    break
                self.are_open, at = False, closed.end()
            elif (opens := whole.find(',"', at)) >= 0:
                self.are_open, at = True, opens + 2
            else:
                break
        self._before = whole[-1:] or self._before
