"""Takes texts out of a record, and says what was found where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.rows import FieldFault


def required_text(record: Mapping[str, Any], name: str) -> str:
    """The field's text.

    Raises:
        FieldFault: The field is missing, no text, or blank.
    """
    if name not in record:
        there = ", ".join(map(str, record)) or "none"
        raise FieldFault(name, f"no such field (there are: {there[:300]})", "text that is not blank")
    value = record[name]
    if not isinstance(value, str) or not value.strip():
        raise FieldFault(name, describe(value), "text that is not blank")
    return value


def optional_text(record: Mapping[str, Any], name: str) -> str:
    """The field's text; an empty one where the field is missing, null or blank.

    Raises:
        FieldFault: The field holds something else than text.
    """
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldFault(name, describe(value), "text or nothing")
    return value if value.strip() else ""


def group_of(record: Mapping[str, Any]) -> str | None:
    """The task group: field "group" or, without it, Dolly's "category"; None where neither holds a name."""
    value = record.get("group")
    return _as_name(record.get("category") if value is None else value)


def group_from(record: Mapping[str, Any], name: str) -> str | None:
    """The task group from the field that the user named; None where it is null.

    Raises:
        FieldFault: The field is missing or holds something else than a name or number.
    """
    if name not in record:
        raise FieldFault(name, "no such field", "a task group's name")
    value = record[name]
    group = _as_name(value)
    if group is None and value is not None:
        raise FieldFault(name, describe(value), "a task group's name")
    return group


def describe(value: Any) -> str:
    """What a value is, in words."""
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
    """Names may be numbers, as class labels are; anything else is no group."""
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
