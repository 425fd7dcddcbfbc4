"""Distributions with plugins: those that are installed, and the records of those that are loaded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions, version
from pathlib import Path
from types import ModuleType
from typing import Any

from icon.plugins._faults import Fault, roots_of

GROUP = "icon"
"""The entry-point group of plugins."""

KNOWN_ELSEWHERE = {
    ("backend", "llamacpp"): ("icon-llamacpp[embedded]", "./backends/llamacpp[embedded]"),
    ("backend", "torch"): ("icon-torch[embedded]", "./backends/torch[embedded]"),
    ("selector", "lora"): ("icon-torch[embedded]", "./backends/torch[embedded]"),
    ("scorer", "ifd"): ("icon-ifd", "./plugins/ifd"),
    ("scorer", "superfiltering"): ("icon-superfiltering", "./plugins/superfiltering"),
    ("scorer", "selectit"): ("icon-selectit", "./plugins/selectit"),
    ("scorer", "rds"): ("icon-rds", "./plugins/rds"),
    ("scorer", "less"): ("icon-less", "./plugins/less"),
    ("selector", "diverse"): ("icon-diverse", "./plugins/diverse"),
    ("selector", "balanced"): ("icon-balanced", "./plugins/balanced"),
    ("executor", "ray"): ("icon-ray", "./plugins/ray"),
    ("command", "validate"): ("icon-validate[all]", "./plugins/validate[all]"),
}
"""What to install for strategies and commands of this project's other distributions: from an index, and from a
checkout."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded distribution or plugin file.

    Attributes:
        distribution: Name of the distribution or file.
        version: Version of the distribution, or a digest of the file's bytes; empty for observers of one process.
        faults: What is wrong with it.
        path: Path of the file; empty for a distribution.
    """

    distribution: str
    version: str
    faults: tuple[Fault, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """A distribution with entry points of the group.

    Attributes:
        name: Its name; where its metadata have none, that of its first entry point or of its folder.
        version: Its version, or "unknown".
        distribution: importlib's object of it.
        entries: Its entry points of the group.
        fault: Why it cannot be loaded, where its metadata cannot be read.
    """

    name: str
    version: str
    distribution: Distribution
    entries: list[EntryPoint]
    fault: Fault | None = None


def installed() -> list[Installed]:
    """Distributions with entry points of the group, each once, in the order of their names.

    Distributions without such entry points are ignored, even where their metadata cannot be read.
    """
    found: dict[str, Installed] = {}
    for distribution in distributions():
        if plugin := _plugin(distribution):
            found.setdefault(plugin.name, plugin)
    return [found[name] for name in sorted(found)]


def version_of(distribution: str) -> str:
    """The installed version, or "unknown"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"


def wrong_name(name: str, entries: list[EntryPoint]) -> Fault | None:
    """The fault of an entry point whose name is not its distribution's; None where there is none."""
    wrong = next((entry for entry in entries if entry.name != name), None)
    if wrong is None:
        return None
    what = (
        f"entry point {wrong.name!r} must have its distribution's name {name!r}: "
        "of two entry points with one name the second would be lost"
    )
    return Fault(what, advice=f'Write {name} = "{wrong.value}" under [project.entry-points.icon] in its pyproject.toml')


def roots_of_plugin(plugin: Any) -> list[str]:
    """Files and folders of a plugin, which is a module, or a class or object from one."""
    named = getattr(plugin, "__module__", "") or type(plugin).__module__
    module = plugin if isinstance(plugin, ModuleType) else sys.modules.get(named)
    if module is None:
        return []
    file = getattr(module, "__file__", None)
    return [*roots_of(module.__name__), *([file] if file else [])]


def how_to_install(kind: str, name: str) -> str:
    """How to install what another distribution of this project offers; empty where none offers it."""
    found = KNOWN_ELSEWHERE.get((kind, name))
    return ' Install it with: pip install "{}" (from a checkout: pip install "{}")'.format(*found) if found else ""


def _plugin(distribution: Distribution) -> Installed | None:
    """The distribution as a plugin; None where it has no entry points of the group."""
    entries: list[EntryPoint] = []
    name, version = "", ""
    problem = "its METADATA is missing, or without its name and version"
    try:
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        if not entries:
            return None
        name, version = distribution.metadata["Name"] or "", distribution.version or ""
    except Exception as error:  # noqa: BLE001  metadata of any distribution may be broken in any way
        if not entries and not _mentions_group(distribution):
            return None
        problem = f"its metadata cannot be read: {type(error).__name__}: {error}"
    if name and version:
        return Installed(name, version, distribution, entries)
    folder = str(getattr(distribution, "_path", ""))  # importlib has no public name for it
    name = name or (entries[0].name if entries else Path(folder).name.partition("-")[0].replace("_", "-"))
    fault = Fault(problem, folder, f"Install it again: pip install --force-reinstall {name}")
    return Installed(name, version or "unknown", distribution, entries, fault)


def _mentions_group(distribution: Distribution) -> bool:
    """Whether entry points, which may not be parseable, have a section of the group."""
    try:
        text = distribution.read_text("entry_points.txt") or ""
    except (OSError, ValueError):
        return False
    return any(line.strip() == f"[{GROUP}]" for line in text.splitlines())
