"""Rows of a source: records, their texts, and the faults of rows that are not samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from icon.errors import InputError, RowFault


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a source: its fields, or the fault that kept it from being read.

    Attributes:
        row: Zero-based number of the record; blank lines and a CSV's header do not count.
        where: The place for the user: "line 12" (counted from 1) in text files, "row 7" (counted from 0, the
            index of the data set or array) elsewhere.
        fields: The parsed object; None where there is a fault.
        raw: The exact bytes of a JSON line without its line ending and the file's BOM; None for other formats and for
            a line too long to be kept.
        fault: Why there are no fields.
        size: About how many bytes the row has in its source.
        source: The address or name of the source that it comes from, where there are several.
        offset: Byte of its file at which it begins, where it can be read again from there; else -1.
        piece: Number of its file or data set, of several.
    """

    row: int
    where: str
    fields: dict[str, Any] | None
    raw: bytes | None = None
    fault: RowFault | None = None
    size: int = 0
    source: str = ""
    offset: int = -1
    piece: int = 0


class FieldFault(InputError):
    """A record is not a sample; raised by readers, which do not know the record's place.

    Args:
        field: Name of the field, or an empty string for the record as a whole.
        found: What the field has.
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


def faulty(row: int, where: str, fault: FieldFault, raw: bytes | None = None, offset: int = -1) -> Record:
    """The record of a row that could not be read."""
    return Record(row, where, None, raw, fault.at(row, where), len(raw or b""), offset=offset)


def required_text(record: Mapping[str, Any], name: str) -> str:
    """The field's text.

    Raises:
        FieldFault: The field is missing, blank or not text.
    """
    if name not in record:
        fields = ", ".join(map(str, islice(record, 100))) or "none"
        raise FieldFault(name, f"no such field (the fields are: {fields[:300]})", "text that is not blank")
    value = record[name]
    if not isinstance(value, str) or not value.strip():
        raise FieldFault(name, describe(value), "text that is not blank")
    return value


def optional_text(record: Mapping[str, Any], name: str) -> str:
    """The field's text; an empty one where the field is missing, null or blank.

    Raises:
        FieldFault: The field has a value other than text.
    """
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldFault(name, describe(value), "text or nothing")
    return value if value.strip() else ""


def group_of(record: Mapping[str, Any]) -> str | None:
    """The task group: field "group" or, without it, Dolly's "category"; None where neither has a name."""
    value = record.get("group")
    return _as_name(record.get("category") if value is None else value)


def group_from(record: Mapping[str, Any], name: str, valid: str = "a task group's name") -> str | None:
    """The task group, or the source, from the field that the user named; None where it is null.

    Raises:
        FieldFault: The field is missing or has a value other than a name or number.
    """
    if name not in record:
        raise FieldFault(name, "no such field", valid)
    value = record[name]
    group = _as_name(value)
    if group is None and value is not None:
        raise FieldFault(name, describe(value), valid)
    return group


def describe(value: Any) -> str:
    """A value described in a few words, for messages."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"text of {len(value):,} characters" if value.strip() else "blank text" if value else "an empty text"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value!r:.40}"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return f"a value of type {type(value).__name__}"


def _as_name(value: Any) -> str | None:
    """The value as a name; names may be whole numbers, as class labels are; None for anything else."""
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
