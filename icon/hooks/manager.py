"""Loads plugins one by one, so that a broken one is a warning and never a crash."""

from __future__ import annotations

import difflib
import platform
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions, version
from typing import Any

import pluggy

from icon.errors import PluginError, UnknownStrategyError
from icon.hooks import specs
from icon.hooks.events import Event
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
    ("backend", "llamacpp"): ("icon-llamacpp[embedded]", "./backends/llamacpp[embedded]"),
    ("backend", "torch"): ("icon-torch[embedded]", "./backends/torch[embedded]"),
    ("selector", "lora"): ("icon-torch[embedded]", "./backends/torch[embedded]"),
    ("scorer", "ifd"): ("icon-ifd", "./plugins/ifd"),
}
"""Strategies of this project that live in distributions of their own: what to install for them, and from a checkout."""


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
        self._strategies: dict[str, dict[str, list[Strategy]]] = {}
        for module in builtin:
            self.register(module, "icon-select", _version("icon-select"))
        if entry_points:
            for distribution, found in _installed():
                self._load(distribution, found)

    @property
    def warnings(self) -> list[str]:
        """One line for each plugin that could not be used."""
        return [f"plugin {entry.distribution} {entry.version}: {entry.fault}" for entry in self.loaded if entry.fault]

    def versions(self) -> dict[str, str]:
        """Version of Python and of every distribution that takes part; observers of one process have none."""
        known = {each.distribution: each.version for each in self.loaded if each.version}
        return {"python": platform.python_version(), **known}

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
        self._strategies.clear()

    def strategies(self, kind: str) -> dict[str, Strategy]:
        """All usable strategies of a kind (a key of `KINDS`) by name; names offered twice are left out."""
        return {name: each[0] for name, each in self._offered(kind).items() if len(each) == 1}

    def get(self, kind: str, name: str) -> Strategy:
        """The strategy of that kind and name.

        Raises:
            UnknownStrategyError: There is none; the message gives near names and what to install.
            PluginError: Two distributions offer that name.
        """
        offered = self._offered(kind).get(name, [])
        if len(offered) == 1:
            return offered[0]
        if offered:
            raise PluginError(f"{_clash(kind, name, offered)}; uninstall one of them")
        known = self.strategies(kind)
        message = f"no {kind} named {name!r}; installed: {', '.join(sorted(known)) or 'none'}."
        if near := difflib.get_close_matches(name, known, n=2):
            message += f" Did you mean {' or '.join(near)}?"
        if elsewhere := KNOWN_ELSEWHERE.get((kind, name)):
            message += ' Install it with: pip install "{}" (from a checkout: pip install "{}")'.format(*elsewhere)
        raise UnknownStrategyError("\n".join([message, *self.warnings]))

    def add_commands(self, app: Any) -> None:
        """Let every plugin add its commands to the Typer application; one that raises is named and left out."""
        for implementation in self.manager.hook.icon_commands.get_hookimpls():
            try:
                implementation.function(app)
            except Exception as error:  # noqa: BLE001  a plugin may raise anything; `icon --help` must work
                self._mark(implementation.plugin_name, f"icon_commands raised {type(error).__name__}: {error}")

    def _offered(self, kind: str) -> dict[str, list[Strategy]]:
        if kind not in self._strategies:
            self._strategies[kind] = self._collect(kind)
        return self._strategies[kind]

    def emit(self, event: Event) -> None:
        """Tell every observer; one that raises is named, left out from then on, and changes nothing."""
        for implementation in self.manager.hook.icon_event.get_hookimpls():
            try:
                implementation.function(event)
            except Exception as error:  # noqa: BLE001  an observer may raise anything; the run goes on
                self._mark(implementation.plugin_name, f"icon_event raised {type(error).__name__}: {error}")
                self.manager.hook.icon_event._remove_plugin(implementation.plugin)

    def _load(self, distribution: Distribution, found: list[EntryPoint]) -> None:
        name, version = distribution.metadata["Name"], distribution.version
        wrong = [entry.name for entry in found if entry.name != name]
        if wrong:
            fault = (
                f"entry point {wrong[0]!r} must bear its distribution's name {name!r}: "
                "of two entry points with one name the second would be lost"
            )
            self.loaded.append(Loaded(name, version, fault))
            return
        try:
            self.register(found[0].load(), name, version)
        except PluginError as error:
            self.loaded.append(Loaded(name, version, str(error)))
        except Exception as error:  # noqa: BLE001  a plugin may raise anything at import; it must not bring icon down
            self.loaded.append(Loaded(name, version, f"{type(error).__name__}: {error}"))

    def _collect(self, kind: str) -> dict[str, list[Strategy]]:
        """Everything offered under each name; more than one under a name is a clash, refused when it is asked for."""
        found: dict[str, list[Strategy]] = {}
        for implementation in getattr(self.manager.hook, KINDS[kind]).get_hookimpls():  # in the order of registration
            distribution = implementation.plugin_name
            try:
                offered = [replace(each, distribution=distribution) for each in implementation.function()]
            except Exception as error:  # noqa: BLE001  as at import: named, and left out
                self._mark(distribution, f"{KINDS[kind]} raised {type(error).__name__}: {error}")
                continue
            for each in offered:
                found.setdefault(each.name, []).append(each)
        for name, several in found.items():
            for one in several if len(several) > 1 else []:
                self._mark(one.distribution, _clash(kind, name, several))
        return found

    def _mark(self, distribution: str, fault: str) -> None:
        self.loaded = [
            replace(each, fault=fault) if each.distribution == distribution else each for each in self.loaded
        ]


def _clash(kind: str, name: str, several: list[Strategy]) -> str:
    return f"{kind} {name!r} is offered by {' and '.join(each.distribution for each in several)}"


def _installed() -> list[tuple[Distribution, list[EntryPoint]]]:
    """Distributions with entry points of the group, each distribution once, in the order of their names."""
    found: dict[str, tuple[Distribution, list[EntryPoint]]] = {}
    for distribution in distributions():
        entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        if entries:
            found.setdefault(distribution.metadata["Name"], (distribution, entries))
    return [found[name] for name in sorted(found)]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
