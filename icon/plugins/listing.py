"""The list of plugins as plain data: what each offers, its options, and its faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from icon._near import did_you_mean
from icon.errors import UnknownStrategyError
from icon.plugins._distributions import Loaded
from icon.plugins._faults import Fault
from icon.plugins.containing import contained, kind_of
from icon.plugins.manager import KINDS, Plugins
from icon.plugins.strategies import Strategy

OBSERVER, SECTIONS = "icon_event", "icon_report_sections"

BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def listing(plugins: Plugins, commands: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """One entry per distribution or plugin file, in the order of loading.

    Args:
        plugins: The loaded plugins.
        commands: Names of the commands that a distribution added, by distribution.

    Returns:
        Entries with name, version, path of a file, strategies with options (None where they cannot be shown), commands,
        whether it observes runs or adds to reports, and faults: what is wrong, where, and what to do.
    """
    offered = [(kind, strategy) for kind in KINDS for strategy in plugins.strategies(kind).values()]
    return [_entry(plugins, loaded, offered, commands.get(loaded.distribution, [])) for loaded in plugins.loaded]


def detail(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The entries of that distribution, or else the entries reduced to their strategies of that name.

    Raises:
        UnknownStrategyError: No distribution or strategy has that name.
    """
    if whole := [entry for entry in entries if entry["distribution"] == name]:
        return whole
    found = []
    for entry in entries:
        if own := [strategy for strategy in entry["strategies"] if strategy["name"] == name]:
            found.append({**entry, "strategies": own, "commands": [], "observer": False, "report_sections": False})
    if found:
        return found
    strategies = [strategy["name"] for entry in entries for strategy in entry["strategies"]]
    known = [entry["distribution"] for entry in entries] + strategies
    meant = did_you_mean(name, known)
    raise UnknownStrategyError(f"no strategy and no plugin is called {name!r}; `icon plugins` lists all.{meant}")


def _entry(
    plugins: Plugins, loaded: Loaded, offered: list[tuple[str, Strategy]], commands: list[str]
) -> dict[str, Any]:
    own = [(kind, strategy) for kind, strategy in offered if strategy.distribution == loaded.distribution]
    unshown = {(kind, one.name): fault for kind, one in own if (fault := fault_of_options(kind, one))}
    strategies = [
        {
            "kind": kind,
            "name": strategy.name,
            "summary": strategy.summary,
            "options": None if (kind, strategy.name) in unshown else described(strategy),
        }
        for kind, strategy in own
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
        "faults": [asdict(fault) for fault in (*loaded.faults, *unshown.values())],
    }


def fault_of_options(kind: str, strategy: Strategy) -> Fault | None:
    """The fault of a strategy whose options cannot be shown; None where they can."""
    try:
        with contained():
            strategy.options.model_json_schema()
            described(strategy)
    except Exception as error:  # noqa: BLE001  default factories of a plugin may raise anything
        reason = f"{kind_of(error)}: {next(iter(str(error).splitlines()), 'without a message')}"
    else:
        return None
    advice = "Use a subclass of icon.plugins.Options whose fields have types that JSON knows"
    return Fault(f"{kind} {strategy.name!r}: its options cannot be shown: {reason}", advice=advice)


def described(strategy: Strategy) -> list[dict[str, Any]]:
    """Each option as plain data: name, type, default (None where there is none) and description."""
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
    """The type of an option in words, with its bounds: `int, at least 1`, `'mean' | 'trimmed'`."""
    bounds = [
        f"{word} {value}"
        for constraint in field.metadata
        for key, word in BOUNDS.items()
        if (value := _bound(constraint, key))
    ]
    return ", ".join([_spelled(field.annotation), *bounds])


def _bound(constraint: Any, key: str) -> str:
    value = getattr(constraint, key, None)
    return "" if value is None else str(value)


def _spelled(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(repr(value) if isinstance(value, str) else json.dumps(value) for value in arguments)
    if origin in (Union, UnionType):
        return " | ".join(map(_spelled, arguments))
    if annotation is NoneType:
        return "none"
    if isinstance(annotation, type) and not arguments:
        return annotation.__name__
    return str(annotation).replace("typing.", "")
