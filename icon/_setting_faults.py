"""Settings that do not fit, in words: where a value comes from, what is wrong with it, and what was found."""

from __future__ import annotations

from reprlib import Repr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TextByName = dict[str, str]

SHORT = Repr()
"""Shows a value that does not fit, however long or deep it is."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother = 4, 120, 120


def line_of(fault: ErrorDetails, places: TextByName) -> str:
    """The line of one fault in a message.

    Args:
        fault: What pydantic says of a setting.
        places: Where values come from, such as a file, by name of the setting.
    """
    name = str(fault["loc"][0]) if fault["loc"] else ""
    place = f"{places[name]}: " if name in places else ""
    setting = shortened(".".join(map(str, fault["loc"])), 100)
    return f"  {place}{setting}: {shortened(fault['msg'])} (found {SHORT.repr(fault['input'])})"


def shortened(text: str, most: int = 300) -> str:
    """The text, or its beginning with three dots: what somebody wrote into a file may be of any length."""
    return text if len(text) <= most else text[: most - 3] + "..."


def at_most(lines: list[str], most: int = 20) -> list[str]:
    """The lines, or the first of them and how many more there are."""
    return lines if len(lines) <= most else [*lines[:most], f"  ... and {len(lines) - most:,} more"]


def are_tables(first: object, second: object) -> bool:
    """Whether both are tables, which can be merged."""
    return isinstance(first, dict) and isinstance(second, dict)
