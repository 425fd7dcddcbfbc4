"""Distributions that take part: which are installed, and what is known of those that are loaded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions, version
from types import ModuleType
from typing import Any

from icon.hooks.faults import Fault, roots_of

GROUP = "icon"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A distribution that takes part, or a file in its place.

    Attributes:
        distribution: Its name; of a file the file's.
        version: Its version; of a file a digest of its bytes; empty for observers of one process.
        faults: What is wrong with it.
        path: Where the file lies; empty for a distribution.
    """

    distribution: str
    version: str
    faults: tuple[Fault, ...] = ()
    path: str = ""


def installed() -> list[tuple[Distribution, list[EntryPoint]]]:
    """Distributions with entry points of the group, each distribution once, in the order of their names."""
    found: dict[str, tuple[Distribution, list[EntryPoint]]] = {}
    for distribution in distributions():
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        if entries:
            found.setdefault(distribution.metadata["Name"], (distribution, entries))
    return [found[name] for name in sorted(found)]


def version_of(distribution: str) -> str:
    """The installed version, or "unknown"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"


def wrong_name(distribution: Distribution, entries: list[EntryPoint]) -> Fault | None:
    """The fault of an entry point that does not bear its distribution's name."""
    name = distribution.metadata["Name"]
    wrong = next((entry for entry in entries if entry.name != name), None)
    if wrong is None:
        return None
    what = (
        f"entry point {wrong.name!r} must bear its distribution's name {name!r}: "
        "of two entry points with one name the second would be lost"
    )
    return Fault(what, advice=f'Write {name} = "{wrong.value}" under [project.entry-points.icon] in its pyproject.toml')


def roots_of_plugin(plugin: Any) -> list[str]:
    """Files and folders of a plugin, which is a module or an object of one."""
    module = plugin if isinstance(plugin, ModuleType) else sys.modules[type(plugin).__module__]
    return [*roots_of(module.__name__), *([module.__file__] if module.__file__ else [])]
