"""Settings and options that do not fit, in words: where a value comes from, what was found, and what is valid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from icon._near import did_you_mean
from icon._valid_values import choices, schema_at, valid_values

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

TextByName = dict[str, str]

Unknown = Callable[[str], str]
"""Gives what is said of an unknown name, after "no such setting"."""

SHORT = Repr()
"""Shows a value that does not fit, however long or deep it is."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother = 4, 120, 120

OPTION_OF = {"model": "backend", "dtype": "backend", "device": "backend", "control": "scorer", "features": "selector"}
"""Options of a strategy that the command line has beside the settings, and the stage whose strategy takes them."""

OF_A_COMMAND = {"out", "config", "preset", "devices", "report", "dry_run", "json", "option"}
"""Options of the command line that are no settings."""

OWN_WORDS = ("value_error", "assertion_error")
"""Kinds of faults whose words are those of icon's, or of a plugin's, own check."""


def lines_of(
    error: ValidationError,
    model: type[BaseModel],
    unknown: Unknown,
    *,
    what: str = "setting",
    places: Mapping[str, str] = {},
    spelled: Mapping[str, str] = {},
    quoted: bool = False,
) -> list[str]:
    """A line for each fault of some settings, in icon's words, none of them twice.

    Args:
        error: What pydantic says of them.
        model: The record that they do not fit.
        unknown: What to say of a name that it does not have.
        what: What the record's fields are: "setting", "option".
        places: Where values come from, such as a file, by name.
        spelled: How the user wrote a name, such as `--keep`, by name.
        quoted: Whether names stand in quotes, as those of a file that icon wrote.
    """
    schema = schema_of(model)
    lines = []
    for fault in error.errors(include_url=False):
        at = schema_at(schema, fault["loc"])
        names = [str(name) for name in fault["loc"][:1]] + [str(step) for step in at.steps]
        lines.append(_head(names, places, spelled, quoted) + said_of(fault, at.schema, unknown, what))
    return list(dict.fromkeys(lines))


def _head(names: list[str], places: Mapping[str, str], spelled: Mapping[str, str], quoted: bool) -> str:
    if not names:
        return ""
    place = f"{places[names[0]]}: " if names[0] in places else ""
    name = shortened(".".join([spelled.get(names[0], names[0]), *names[1:]]), 100)
    return f"{place}{name!r}: " if quoted else f"{place}{name}: "


def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    try:
        return model.model_json_schema()
    except Exception:  # noqa: BLE001  a plugin's options may have types that JSON does not know
        return {}


def said_of(fault: ErrorDetails, schema: Mapping[str, Any], unknown: Unknown, what: str) -> str:
    """What was found, and what is valid."""
    found, value = SHORT.repr(fault["input"]), fault["input"]
    if fault["type"] == "extra_forbidden":
        return f"no such {what} (found {found}){unknown(str(fault['loc'][-1]))}"
    if fault["type"] == "missing":
        return f"found nothing; valid: {valid_values(schema)}"
    if fault["type"] in OWN_WORDS:
        said = shortened(str(fault.get("ctx", {}).get("error", fault["msg"])))
        return said if said.startswith("found ") or not fault["loc"] else f"{said} (found {found})"
    meant = did_you_mean(value, choices(schema)) if isinstance(value, str) else ""
    return f"found {found}; valid: {valid_values(schema)}" + (f".{meant}" if meant else "")


def unknown_setting(known: Iterable[str]) -> Unknown:
    """Gives what to say of a name that no setting has."""

    def say(name: str) -> str:
        if name in OPTION_OF:
            return f"; valid: {OPTION_OF[name]}_options with {name} in it"
        if name.replace("-", "_") in OF_A_COMMAND:
            return f"; valid: --{name.replace('_', '-')} on the command line, beside the settings"
        meant = did_you_mean(name, known)
        return f".{meant}" if meant else "; valid: the options that `icon run --help` lists, with _ for -"

    return say


def together(head: str, lines: list[str]) -> str:
    """The message of some faults: one sentence where there is one fault, else a line each below the head."""
    if len(lines) == 1:
        return f"{head}: {lines[0]}" if head else lines[0]
    return "\n".join([f"{head}:", *at_most([f"  {line}" for line in lines])])


def shortened(text: str, most: int = 300) -> str:
    """The text, or its beginning with three dots: what somebody wrote into a file may be of any length."""
    return text if len(text) <= most else text[: most - 3] + "..."


def at_most(lines: list[str], most: int = 20) -> list[str]:
    """The lines, or the first of them and how many more there are."""
    return lines if len(lines) <= most else [*lines[:most], f"  ... and {len(lines) - most:,} more"]


def are_tables(first: object, second: object) -> bool:
    """Whether both are tables, which can be merged."""
    return isinstance(first, dict) and isinstance(second, dict)
