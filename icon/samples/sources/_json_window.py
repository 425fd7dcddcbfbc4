"""A moving window on the text of a JSON file: values are decoded one by one, and what was read is dropped."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any, BinaryIO

from icon.errors import InputError
from icon.samples.bounds import CHECKED_FROM, check_values
from icon.samples.rows import FieldFault

_SPACE = re.compile(r"[ \t\r\n]*")
_CHUNK = 1024 * 1024
_CUT = 16
"""Where the text is cut off, an error is at most this far from its end: the length of `-Infinity`, rounded up."""

VALID = "an array of objects"


class Window:
    """Reads signs and values of a JSON file from its beginning to its end.

    Args:
        path: The file, for messages.
        stream: Its bytes.
        limit: Most characters of one value.

    Raises:
        InputError: By any step: the file is not UTF-8, not JSON, or has a value beyond the limit.
    """

    def __init__(self, path: Path, stream: BinaryIO, limit: int) -> None:
        self._path, self._stream, self._limit = path, stream, limit
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._n_bytes = 0
        self._text, self._at = "", 0
        self._line, self._column = 1, 1
        self._is_whole = False

    def sign(self) -> str:
        """The next character that is not white space, which stays; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None  # the pattern matches the empty string
            self._at = found.end()
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def start(self, length: int) -> str:
        """The next characters, which stay."""
        while len(self._text) - self._at < length and self._more():
            pass
        return self._text[self._at : self._at + length]

    def take(self) -> None:
        """Pass over one character."""
        self._at += 1

    def place(self, at: int | None = None) -> str:
        """Line and column of the next character, or of another in the window."""
        at = self._at if at is None else at
        n_lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if n_lines else self._column + at
        return f"line {self._line + n_lines} column {column}"

    def value(self, where: str) -> tuple[Any, int]:
        """The next value and how many characters it takes.

        Args:
            where: What it is, for messages.
        """
        self.sign()
        n_cut = 0  # so many characters are known to be of this value
        while True:
            self._check(where, n_cut)
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = error.pos > len(self._text) - _CUT or error.msg.startswith("Unterminated")
                n_cut = len(self._text) - self._at
                if is_cut and self._more():
                    continue
                raise self._fault(where, f"invalid JSON, {error.msg} at {self.place(error.pos)}") from None
            except RecursionError:
                raise self._fault(where, "JSON that is nested too deeply") from None
            except ValueError:
                raise self._fault(where, "a whole number of more than 4,300 digits") from None
            if end == len(self._text) and not isinstance(value, str | dict | list) and self._more():
                continue  # a number may go on
            size, self._at = end - self._at, end
            return value, size

    def _check(self, where: str, n_cut: int) -> None:
        """Refuse a value that is too long, or has too many values, by as much of it as was not enough."""
        if n_cut > self._limit:
            found = f"an element of more than {self._limit:,} characters"
            raise InputError(f"{self._path}: {where}: found {found}; valid: at most {self._limit:,} characters")
        if n_cut <= CHECKED_FROM:
            return
        try:
            check_values(self._text[self._at : self._at + n_cut])
        except FieldFault as fault:
            raise InputError(f"{self._path}: {where}: found {fault.found}; valid: {fault.valid}") from None

    def _fault(self, where: str, found: str) -> InputError:
        return InputError(f"{self._path}: {where}: found {found}; valid: {VALID}")

    def _more(self) -> bool:
        """Read on, as much as there is, or a quarter; False at the end. What is before the place is dropped.

        What follows a long value is at most `CHECKED_FROM` long, so it is decoded without a look at its size.
        """
        if self._is_whole:
            return False
        lines = self._text.count("\n", 0, self._at)
        self._column = self._at - self._text.rfind("\n", 0, self._at) if lines else self._column + self._at
        self._line += lines
        kept = self._text[self._at :]
        self._text, self._at = "", 0
        self._text = kept + self._read(max(_CHUNK, len(kept) if len(kept) <= CHECKED_FROM // 2 else len(kept) // 4))
        return True

    def _read(self, size: int) -> str:
        data = self._stream.read(size)
        self._is_whole = not data
        pending = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(data, final=self._is_whole)
        except UnicodeDecodeError as error:
            offset = self._n_bytes - pending + error.start
            raise InputError(
                f"{self._path}: found bytes that are not UTF-8 at byte offset {offset}; valid: UTF-8"
            ) from None
        self._n_bytes += len(data)
        return text
