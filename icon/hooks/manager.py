"""Loads plugins one by one, so that a broken one is a warning and never a crash."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

import pluggy

from icon.errors import PluginError, UnknownStrategyError
from icon.hooks import specs
from icon.hooks.strategies import Strategy

GROUP = "icon"

KINDS = {
    "assessment": "icon_assessment_builders",
    "scorer": "icon_contribution_scorers",
    "selector": "icon_selectors",
    "backend": "icon_backends",
    "reader": "icon_readers",
    "executor": "icon_executors",
}

KNOWN_ELSEWHERE = {
    ("backend", "llamacpp"): "icon-llamacpp",
    ("backend", "torch"): "icon-torch",
    ("scorer", "ifd"): "icon-ifd",
}
"""Strategies of this project that live in distributions of their own: what to install for them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A distribution that takes part: its name, version, and what went wrong with it, if anything."""

    distribution: str
    version: str
    fault: str = ""


class Plugins:
    """The plugins of one process or one test: registered, checked, and asked for strategies by name.

    Args:
        builtin: Modules registered first, as the distribution `icon-select`.
        entry_points: Whether to load what is installed under the entry-point group `icon`.
    """

    def __init__(self, builtin: Iterable[Any] = (), *, entry_points: bool = True) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(specs)
        self.loaded: list[Loaded] = []
        self._strategies: dict[str, dict[str, Strategy]] | None = None
        for module in builtin:
            self.register(module, "icon-select", _version("icon-select"))
        if entry_points:
            for distribution, found in _installed():
                self._load(distribution, found)

    @property
    def warnings(self) -> list[str]:
        """One line for each plugin that could not be used."""
        return [f"plugin {entry.distribution} {entry.version}: {entry.fault}" for entry in self.loaded if entry.fault]

    def register(self, plugin: Any, distribution: str, version: str = "") -> None:
        """Register a plugin and check it against the hook specs.

        Raises:
            PluginError: A hook has wrong arguments or a name that no spec has.
        """
        try:
            self.manager.register(plugin, name=distribution)
            self.manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            if self.manager.has_plugin(distribution):
                self.manager.unregister(name=distribution)
            raise PluginError(f"{distribution}: {error}") from error
        self.loaded.append(Loaded(distribution, version))
        self._strategies = None

    def strategies(self, kind: str) -> dict[str, Strategy]:
        """All strategies of a kind (a key of `KINDS`) by name."""
        if self._strategies is None:
            self._strategies = {known: self._collect(known) for known in KINDS}
        return self._strategies[kind]

    def get(self, kind: str, name: str) -> Strategy:
        """The strategy of that kind and name.

        Raises:
            UnknownStrategyError: There is none; the message gives near names and what to install.
        """
        known = self.strategies(kind)
        if name in known:
            return known[name]
        message = f"no {kind} named {name!r}; installed: {', '.join(sorted(known)) or 'none'}."
        if near := difflib.get_close_matches(name, known, n=2):
            message += f" Did you mean {' or '.join(near)}?"
        if distribution := KNOWN_ELSEWHERE.get((kind, name)):
            message += f" Install it with: pip install {distribution}"
        for warning in self.warnings:
            message += f"\n{warning}"
        raise UnknownStrategyError(message)

    def _load(self, distribution: Distribution, found: list[EntryPoint]) -> None:
        name, version = distribution.metadata["Name"], distribution.version
        try:
            for entry in found:
                if entry.name != name:
                    raise PluginError(
                        f"entry point {entry.name!r} must bear its distribution's name {name!r}: "
                        "of two entry points with one name the second would be lost"
                    )
                self.register(entry.load(), name, version)
        except Exception as error:  # a plugin may raise anything at import; it must not bring icon down
            reason = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
            self.loaded.append(Loaded(name, version, fault=reason))

    def _collect(self, kind: str) -> dict[str, Strategy]:
        found: dict[str, Strategy] = {}
        for implementation in getattr(self.manager.hook, KINDS[kind]).get_hookimpls():
            distribution = implementation.plugin_name
            try:
                offered = list(implementation.function())
                for strategy in offered:
                    if strategy.name in found:
                        other = found[strategy.name].distribution
                        raise PluginError(f"{kind} {strategy.name!r} is offered by both {other} and {distribution}")
            except Exception as error:  # as at import: named, and left out
                self._mark(distribution, f"{type(error).__name__}: {error}")
                continue
            found.update((each.name, replace(each, distribution=distribution)) for each in offered)
        return found

    def _mark(self, distribution: str, fault: str) -> None:
        self.loaded = [replace(each, fault=fault) if each.distribution == distribution else each for each in self.loaded]


def _installed() -> list[tuple[Distribution, list[EntryPoint]]]:
    """Distributions with entry points of the group, each distribution once, in the order of their names."""
    found: dict[str, tuple[Distribution, list[EntryPoint]]] = {}
    for distribution in distributions():
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        if entries:
            found.setdefault(distribution.metadata["Name"], (distribution, entries))
    return [found[name] for name in sorted(found)]


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
