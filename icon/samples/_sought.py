"""Fields that the user names: which of them no record has, so that one sentence says it and not every row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon._near import did_you_mean
from icon.errors import InputError
from icon.samples.rows import Record

MAY_BE_MISSING = ("input", "system")
"""Parts that a record need not have."""

MOST_NAMES = 300
"""Characters of the names of fields that a message lists."""


class Sought:
    """Looks for the fields that the user names.

    Args:
        columns: Field by part, as `--column` gives them.
        group_field: Field of the task group.
        source_field: Field of the source.
    """

    def __init__(self, columns: Mapping[str, str] | None, group_field: str | None, source_field: str | None) -> None:
        named = {f"--column {part}={field}": field for part, field in (columns or {}).items()}
        named |= {"--group-field": group_field} if group_field is not None else {}
        named |= {"--source-field": source_field} if source_field is not None else {}
        self._missing = {option if "=" in option else f"{option} {field}": field for option, field in named.items()}
        self._optional = {f"--column {part}={(columns or {}).get(part)}" for part in MAY_BE_MISSING}
        self._known: list[str] = []

    def look(self, record: Record) -> None:
        """Look at a record; one that could not be read has no fields."""
        if not self._missing or record.fields is None:
            return
        fields: Mapping[Any, Any] = record.fields
        self._known = self._known or list(map(str, fields))
        self._missing = {option: field for option, field in self._missing.items() if field not in fields}

    def refuse(self, source: str) -> None:
        """Refuse a field that each sample needs and no record has: then no row is a sample.

        Raises:
            InputError: There is such a field.
        """
        needed = [self._sentence(option, source) for option in self._missing if option not in self._optional]
        if needed and self._known:
            raise InputError("\n".join(needed))

    def notes(self, source: str) -> list[str]:
        """For each field that a sample need not have and no record has, a sentence that says so."""
        return [self._sentence(option, source) for option in self._missing if self._known]

    def _sentence(self, option: str, source: str) -> str:
        field = self._missing[option]
        names = ", ".join(self._known)[:MOST_NAMES]
        meant = did_you_mean(field, self._known)
        return f"{option}: no record of {source} has the field {field!r}; valid: one of its fields ({names}).{meant}"
