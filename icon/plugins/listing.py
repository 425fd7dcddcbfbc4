"""Everything that takes part, as plain data: what each plugin offers, its options, and what is wrong with it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import asdict
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from icon.errors import UnknownStrategyError
from icon.plugins._distributions import Loaded
from icon.plugins._faults import Fault
from icon.plugins.manager import KINDS, Plugins
from icon.plugins.strategies import Strategy

OBSERVER, SECTIONS = "icon_event", "icon_report_sections"

BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def listing(plugins: Plugins, commands: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """One entry a distribution or plugin file, in the order they were loaded.

    Args:
        plugins: What is loaded.
        commands: Names of the commands that each distribution added.

    Returns:
        Name, version, path of a file, strategies with options (None where they cannot be shown), commands, whether it
        observes runs or adds to reports, and faults: what is wrong, where, and what to do.
    """
    offered = [(kind, each) for kind in KINDS for each in plugins.strategies(kind).values()]
    return [_entry(plugins, each, offered, commands.get(each.distribution, [])) for each in plugins.loaded]


def detail(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The entries of that distribution, or else entries cut down to their strategies of that name.

    Raises:
        UnknownStrategyError: Nothing has that name.
    """
    if whole := [each for each in entries if each["distribution"] == name]:
        return whole
    found = []
    for each in entries:
        if mine := [one for one in each["strategies"] if one["name"] == name]:
            found.append({**each, "strategies": mine, "commands": [], "observer": False, "report_sections": False})
    if found:
        return found
    known = [each["distribution"] for each in entries] + [one["name"] for e in entries for one in e["strategies"]]
    near = difflib.get_close_matches(name, known, n=2)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnknownStrategyError(f"no strategy and no plugin is called {name!r}; `icon plugins` lists all.{meant}")


def _entry(
    plugins: Plugins, loaded: Loaded, offered: list[tuple[str, Strategy]], commands: list[str]
) -> dict[str, Any]:
    mine = [(kind, each) for kind, each in offered if each.distribution == loaded.distribution]
    unshown = {(kind, each.name): fault for kind, each in mine if (fault := fault_of_options(kind, each))}
    strategies = [
        {
            "kind": kind,
            "name": each.name,
            "summary": each.summary,
            "options": None if (kind, each.name) in unshown else described(each),
        }
        for kind, each in mine
    ]
    hooks = plugins.hooks_of(loaded.distribution)
    return {
        "distribution": loaded.distribution,
        "version": loaded.version,
        "path": loaded.path or None,
        "strategies": strategies,
        "commands": commands,
        "observer": OBSERVER in hooks,
        "report_sections": SECTIONS in hooks,
        "faults": [asdict(each) for each in (*loaded.faults, *unshown.values())],
    }


def fault_of_options(kind: str, strategy: Strategy) -> Fault | None:
    """Why the options of a strategy cannot be shown, or None."""
    try:
        strategy.options.model_json_schema()
        described(strategy)
    except (Exception, SystemExit) as error:  # noqa: BLE001  default factories of a plugin may raise anything
        told = f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'without a word')}"
    else:
        return None
    advice = "Use a subclass of icon.plugins.Options whose fields have types that JSON knows"
    return Fault(f"{kind} {strategy.name!r}: its options cannot be shown: {told}", advice=advice)


def described(strategy: Strategy) -> list[dict[str, Any]]:
    """Each option: its name, type, default (None beside `required` for none) and description."""
    return [
        {
            "name": name,
            "type": _type(field),
            "required": field.is_required(),
            "default": _default(field),
            "description": str(field.description or ""),
        }
        for name, field in strategy.options.model_fields.items()
    ]


def _default(field: FieldInfo) -> Any:
    value = field.get_default(call_default_factory=True, validated_data={})
    return None if value is PydanticUndefined else to_jsonable_python(value)


def _type(field: FieldInfo) -> str:
    """The type as one would say it, with its bounds: `int, at least 1`, `'mean' | 'trimmed'`."""
    told = [
        f"{word} {value}" for each in field.metadata for key, word in BOUNDS.items() if (value := _bound(each, key))
    ]
    return ", ".join([_spelled(field.annotation), *told])


def _bound(constraint: Any, key: str) -> str:
    value = getattr(constraint, key, None)
    return "" if value is None else str(value)


def _spelled(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(json.dumps(each) if not isinstance(each, str) else repr(each) for each in arguments)
    if origin in (Union, UnionType):
        return " | ".join(map(_spelled, arguments))
    if annotation is NoneType:
        return "none"
    if isinstance(annotation, type) and not arguments:
        return annotation.__name__
    return str(annotation).replace("typing.", "")
