"""What a source gives row by row, and the fault that says why a row is no sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from icon.errors import InputError
from icon.types import RowFault

MAX_BYTES_PER_ROW = 64 * 1024 * 1024
"""Longest JSON line or CSV field that is taken into memory, in bytes or characters."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a source: its fields, or the fault that kept it from being read.

    Attributes:
        row: Zero-based number of the record; blank lines and a CSV's header are no records.
        where: The place as the user finds it: "line 12" (counted from 1) in text files, "row 7" (counted from 0, the
            index of the data set or array) elsewhere.
        fields: The parsed object; None where there is a fault.
        raw: The exact bytes of a JSON line without its line ending and the file's BOM; None for other formats and for
            a line too long to be kept.
        fault: Why there are no fields.
    """

    row: int
    where: str
    fields: dict[str, Any] | None
    raw: bytes | None = None
    fault: RowFault | None = None


class FieldFault(InputError):
    """A record is no sample; raised by readers, which do not know where the record stands.

    Args:
        field: Name of the field, or an empty string for the record as a whole.
        found: What is there.
        valid: What would be valid.
    """

    def __init__(self, field: str, found: str, valid: str) -> None:
        self.field = field
        self.found = found
        self.valid = valid
        super().__init__(f"field {field!r}: found {found}; valid: {valid}")

    def at(self, row: int, where: str) -> RowFault:
        """The same fault with its place."""
        return RowFault(row, where, self.field, self.found, self.valid)


def faulty(row: int, where: str, fault: FieldFault, raw: bytes | None = None) -> Record:
    """The record of a row that could not be read."""
    return Record(row, where, None, raw, fault.at(row, where))
