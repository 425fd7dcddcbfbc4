"""Loads plugins one by one, so that a broken one is a warning and never a crash."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pluggy

from icon._near import did_you_mean
from icon.errors import PluginError, UnknownStrategyError
from icon.plugins import specs
from icon.plugins._commands import commands_of, names_of, put_beside
from icon.plugins._distributions import (
    GROUP,
    Installed,
    Loaded,
    how_to_install,
    installed,
    roots_of_plugin,
    version_of,
    wrong_name,
)
from icon.plugins._faults import Fault, misfits, raised, roots_of
from icon.plugins._own_files import add_file, add_received
from icon.plugins.containing import contained

if TYPE_CHECKING:
    from icon.plugins._offers import Offers
    from icon.plugins.events import Event
    from icon.plugins.sections import RunView, Section
    from icon.plugins.strategies import Strategy

KINDS = {
    "assessment": "icon_assessment_builders",
    "scorer": "icon_contribution_scorers",
    "selector": "icon_selectors",
    "backend": "icon_backends",
    "reader": "icon_readers",
    "executor": "icon_executors",
}

DECIDING = frozenset(KINDS[kind] for kind in ("assessment", "scorer", "backend", "reader"))
"""Hooks whose strategies decide what is measured."""


class Plugins:
    """The plugins of one process or one test: registered, checked, and looked up by kind and name.

    Args:
        builtin: Modules registered first, as the distribution `icon-select`.
        entry_points: Whether to load what is installed under the entry-point group `icon`.
        files: Plugins in a single file each.
        received: The same, named by settings and not by the user: see `icon.trust`.

    Attributes:
        refused: Why a received file is not among the plugins, a sentence each.
        untrusted: Digests by name of those that were not run, as `files` has them of the others.

    Raises:
        ConfigError: A file cannot be used; what is broken among the others is a warning.
    """

    def __init__(
        self,
        builtin: Iterable[Any] = (),
        *,
        entry_points: bool = True,
        files: Sequence[str] = (),
        received: Sequence[str] = (),
    ) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(specs)
        self.loaded: list[Loaded] = []
        self._strategies: dict[str, Offers] = {}
        self._muted: set[str] = set()
        for module in builtin:
            self.register(module, "icon-select", version_of("icon-select"))
        if entry_points:
            for found in installed():
                self._load(found)
        for file in files:
            add_file(self, file)
        self.refused, self.untrusted = add_received(self, received)

    @property
    def warnings(self) -> list[str]:
        """One line for each thing that is wrong with a plugin."""
        return [
            f"plugin {entry.distribution} {entry.version}: {fault.what}"
            for entry in self.loaded
            for fault in entry.faults
        ]

    @property
    def files(self) -> dict[str, str]:
        """Digests by name of the plugin files that decide scores; selectors and observers may change between starts."""
        return {
            entry.distribution: entry.version
            for entry in self.loaded
            if entry.path and not DECIDING.isdisjoint(self.hooks_of(entry.distribution))
        }

    def versions(self) -> dict[str, str]:
        """Version of Python and of every distribution that takes part; observers of one process have none."""
        known = {entry.distribution: entry.version for entry in self.loaded if entry.version}
        return {"python": platform.python_version(), **known}

    def register(self, plugin: Any, distribution: str, version: str = "", path: str = "") -> None:
        """Register a plugin and check it against the hook specs; `path` is that of a single file.

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
        self.loaded.append(Loaded(distribution, version, path=path))
        self._strategies.clear()

    def unregister(self, distribution: str) -> None:
        """Take a plugin out again; without effect where there is none of that name."""
        self.manager.unregister(name=distribution)
        self.loaded = [entry for entry in self.loaded if entry.distribution != distribution]
        self._muted.discard(distribution)
        self._strategies.clear()

    def hooks_of(self, distribution: str) -> list[str]:
        """Names of the hooks that a plugin implements, in the order of the specs."""
        return [
            name
            for name, caller in vars(self.manager.hook).items()
            if any(implementation.plugin_name == distribution for implementation in caller.get_hookimpls())
        ]

    def strategies(self, kind: str) -> dict[str, Strategy]:
        """All usable strategies of a kind (a key of `KINDS`) by name; names offered twice are left out."""
        return {name: offered[0] for name, offered in self._offered(kind).items() if len(offered) == 1}

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
            from icon.plugins._offers import clash

            raise PluginError(f"{clash(kind, name, offered)}; uninstall one of them")
        known = self.strategies(kind)
        message = f"no {kind} named {name!r}; installed: {', '.join(sorted(known)) or 'none'}."
        message += did_you_mean(name, known)
        raise UnknownStrategyError("\n".join([message + self.advice(kind, name), *self.warnings, *self.refused]))

    advice = staticmethod(how_to_install)

    def add_commands(self, app: Any) -> Mapping[str, list[str]]:
        """Let every plugin add commands to the Typer application; gives their names by distribution.

        One that raises is named and left out, and so is a command under a name that is taken. Nothing else of the
        application changes, whatever a plugin does.
        """
        found: dict[str, dict[str, Any]] = {}
        taken = names_of(app)
        for implementation in self.manager.hook.icon_commands.get_hookimpls():
            name = implementation.plugin_name
            found[name], faults = commands_of(implementation, taken)
            taken |= found[name].keys()
            for fault in faults:
                self._mark(name, fault)
        put_beside(app, {name: command for commands in found.values() for name, command in commands.items()})
        return {name: list(commands) for name, commands in found.items()}

    def _offered(self, kind: str) -> Offers:
        if kind not in self._strategies:
            from icon.plugins._offers import collect

            hook = getattr(self.manager.hook, KINDS[kind])
            self._strategies[kind], faults = collect(kind, KINDS[kind], hook.get_hookimpls())
            for distribution, fault in faults:
                self._mark(distribution, fault)
        return self._strategies[kind]

    def emit(self, event: Event) -> None:
        """Pass an event to every observer; one that raises is named, left out from then on, and changes nothing."""
        for implementation in self.manager.hook.icon_event.get_hookimpls():
            name = implementation.plugin_name
            if name in self._muted:
                continue
            try:
                with contained():
                    implementation.function(event)
            except Exception as error:  # noqa: BLE001  an observer may raise anything; the run goes on
                self._mark(name, raised(error, roots_of_plugin(implementation.plugin), name, "icon_event"))
                self._muted.add(name)

    def report_sections(self, run: RunView) -> tuple[list[Section], list[str]]:
        """What every plugin adds to the report, and a line for each that raised or gave something else: left out."""
        from icon.plugins.sections import plain

        found: list[Section] = []
        faults = []
        for implementation in self.manager.hook.icon_report_sections.get_hookimpls():
            try:
                with contained():
                    offered: Any = implementation.function(run)
                    found += [plain(each) for each in offered]
            except Exception as error:  # noqa: BLE001  a plugin may raise anything; the report goes on
                name = implementation.plugin_name
                fault = raised(error, roots_of_plugin(implementation.plugin), name, "icon_report_sections")
                self._mark(name, fault)
                faults.append(f"plugin {name}: {fault.what}")
        return found, faults

    def _load(self, found: Installed) -> None:
        name, version = found.name, found.version
        if fault := found.fault or wrong_name(name, found.entries):
            self.loaded.append(Loaded(name, version, (fault,)))
            return
        faults = misfits(found.distribution, "icon-select", version_of("icon-select"))
        try:
            with contained():
                module = found.entries[0].load()
            self.register(module, name, version)
        except PluginError as error:
            self.loaded.append(Loaded(name, version))
            faults.append(Fault(str(error), advice="It breaks the hook specs: see icon/plugins/specs.py"))
        except Exception as error:  # noqa: BLE001  a plugin may raise anything; it must not bring icon down
            self.loaded.append(Loaded(name, version))
            faults.append(raised(error, roots_of(found.entries[0].value), name))
        for fault in faults:
            self._mark(name, fault)

    def _mark(self, distribution: str, fault: Fault) -> None:
        """Keep a fault with its distribution, once."""
        for place, entry in enumerate(self.loaded):
            if entry.distribution == distribution:
                self.loaded[place] = replace(entry, faults=tuple(dict.fromkeys((*entry.faults, fault))))
