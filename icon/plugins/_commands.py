"""Commands that plugins add to `icon`.

A plugin adds them to an empty Typer application of its own. They are built and checked, and then join icon's own
commands under free names, so a plugin cannot change those.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Container, Mapping
from typing import Any

from icon.plugins._distributions import roots_of_plugin
from icon.plugins._faults import Fault, raised
from icon.plugins.containing import contained
from icon.plugins.plain_text import make_harmless

HOOK = "icon_commands"

NAME = re.compile(r"[^\W_][\w.:+-]*")
"""A valid name of a command."""

ADVICE = "Add commands, or a typer.Typer() of your own with app.add_typer(group, name=...)"


def names_of(app: Any) -> set[str]:
    """Names of the application's own commands."""
    return {command.name or _spelled(command.callback.__name__) for command in app.registered_commands}


def commands_of(implementation: Any, taken: Container[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Let a plugin add its commands to an application of its own, and build the valid ones.

    Args:
        implementation: pluggy's record of the hook's implementation.
        taken: Names that are taken.

    Returns:
        The built commands by name, and the faults: the hook raised or changed more than the commands, a name is taken
        or invalid, or Typer cannot build a command.
    """
    import typer

    app, commands, faults = typer.Typer(name="icon"), {}, []
    before = _settings(app)
    roots, distribution = roots_of_plugin(implementation.plugin), implementation.plugin_name
    try:
        with contained():
            implementation.function(app)
    except Exception as error:  # noqa: BLE001  a plugin may raise anything; `icon --help` must work
        faults.append(raised(error, roots, distribution, HOOK))
    faults += _beyond_commands(app, before)
    for entry in _entries(app):
        try:
            with contained():
                built = _built(entry)
        except Exception as error:  # noqa: BLE001  Typer may raise anything on invalid input
            faults.append(raised(error, roots, distribution, f"a command of {HOOK}"))
            continue
        if not built:
            faults.append(Fault(f"{HOOK} added a group without a name and without commands", advice=ADVICE))
        for name, command in built.items():
            if fault := _refused(name, name in taken or name in commands):
                faults.append(fault)
            else:
                commands[name] = command
    return commands, faults


def put_beside(app: Any, commands: Mapping[str, Any]) -> None:
    """Add built commands to the application, after its own, which they cannot replace."""
    from typer.core import TyperGroup

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            for name, command in commands.items():
                self.commands.setdefault(name, command)

    app.info.cls = Group


def _built(entry: Any) -> dict[str, Any]:
    """Build a command or group with Typer; returns it by name, or the commands of a group without a name.

    Raises:
        Exception: Typer cannot build it; anything may be raised.
    """
    import typer

    trial = typer.Typer(add_completion=False)
    trial.callback()(_nothing)  # makes Typer build a group even of a single command
    (trial.registered_groups if hasattr(entry, "typer_instance") else trial.registered_commands).append(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Typer would drop the callback of a group without a name
        built: dict[str, Any] = typer.main.get_command(trial).commands  # type: ignore[attr-defined]
    for command in built.values():
        if not isinstance(getattr(command, "rich_help_panel", None), str):
            command.rich_help_panel = None  # a placeholder of Typer's, which the help would print as it is
        make_harmless(command)
    return built


def _nothing() -> None:
    pass


def _refused(name: Any, is_taken: bool) -> Fault | None:
    """The fault of a command whose name is invalid or taken; None where it is valid."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        valid = "letters, digits, '-', '_', '.', ':' and '+', beginning with a letter or digit"
        return Fault(f"{HOOK} added a command named {name!r}; valid: {valid}", advice="Give it another name")
    return Fault(f"command {name!r} exists already", advice="Give it another name") if is_taken else None


def _entries(app: Any) -> list[Any]:
    """The commands and groups that were added to the application, unbuilt."""
    kept = (getattr(app, name, None) for name in ("registered_commands", "registered_groups"))
    return [entry for entries in kept if isinstance(entries, list) for entry in entries]


def _settings(app: Any) -> dict[str, Any]:
    """Everything an application has besides commands, groups and its callback."""
    own = {name: value for name, value in vars(app).items() if not name.startswith("registered_") and name != "info"}
    return own | {f"info.{name}": value for name, value in getattr(app.info, "__dict__", {}).items()}


def _beyond_commands(app: Any, before: Mapping[str, Any]) -> list[Fault]:
    """Faults for changes of the application other than added commands; such changes have no effect."""
    faults = []
    if getattr(app, "registered_callback", None) is not None:
        what = f"{HOOK} added a callback, which would replace icon's own with --version; it is left out"
        faults.append(Fault(what, advice=ADVICE))
    after = _settings(app)
    changed = [name for name in {**before, **after} if before.get(name) is not after.get(name)]
    if changed:
        what = f"{HOOK} changed {', '.join(f'app.{name}' for name in changed)}; that has no effect"
        faults.append(Fault(what, advice=ADVICE))
    return faults


def _spelled(function: str) -> str:
    return function.lower().replace("_", "-")
