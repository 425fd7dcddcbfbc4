"""Everything that takes part, as plain data: what each plugin offers, and what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from icon.errors import UnknownStrategyError
from icon.hooks.loaded import Loaded
from icon.hooks.manager import KINDS, Plugins
from icon.hooks.options import described, fault_of_options
from icon.hooks.strategies import Strategy

OBSERVER, SECTIONS = "icon_event", "icon_report_sections"


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
