"""The commands that a plugin adds to `icon`: under free names, with harmless help, and nothing else of the application.

A plugin is given an empty Typer application of its own. What it added there is built, checked, and then put beside
icon's own commands, so that nothing it does to the application can reach those.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Container, Mapping
from typing import Any

from icon.plugins._distributions import roots_of_plugin
from icon.plugins._faults import Fault, raised
from icon.plugins.plain_text import make_harmless

HOOK = "icon_commands"

NAME = re.compile(r"[^\W_][\w.:+-]*")
"""What can be typed as a command."""

ADVICE = "Add commands, or a typer.Typer() of your own with app.add_typer(group, name=...)"


def names_of(app: Any) -> set[str]:
    """Names of the application's own commands."""
    return {each.name or _spelled(each.callback.__name__) for each in app.registered_commands}


def commands_of(implementation: Any, taken: Container[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Let a plugin add its commands to an application of its own, and build those that can stay.

    Args:
        implementation: pluggy's record of who implements the hook.
        taken: Names that are there already.

    Returns:
        The built commands by name, and what is wrong: the hook raised, it changed more than the commands, a name is
        taken or cannot be typed, or Typer cannot make a command of what it was given.
    """
    import typer

    app, found, faults = typer.Typer(name="icon"), {}, []
    before = _settings(app)
    roots, distribution = roots_of_plugin(implementation.plugin), implementation.plugin_name
    try:
        implementation.function(app)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything; `icon --help` must work
        faults.append(raised(error, roots, distribution, HOOK))
    faults += _beyond_commands(app, before)
    for entry in _entries(app):
        try:
            built = _built(entry)
        except (Exception, SystemExit) as error:  # noqa: BLE001  Typer raises anything on what it does not understand
            faults.append(raised(error, roots, distribution, f"a command of {HOOK}"))
            continue
        if not built:
            faults.append(Fault(f"{HOOK} added a group without a name and without commands", advice=ADVICE))
        for name, command in built.items():
            if fault := _refused(name, name in taken or name in found):
                faults.append(fault)
            else:
                found[name] = command
    return found, faults


def put_beside(app: Any, commands: Mapping[str, Any]) -> None:
    """Let the application have these built commands after its own, which stay what they are."""
    from typer.core import TyperGroup

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            for name, command in commands.items():
                self.commands.setdefault(name, command)

    app.info.cls = Group


def _built(entry: Any) -> dict[str, Any]:
    """A command or group by its name, as Typer builds it; of a group without a name each of its commands.

    Raises:
        Exception: Typer cannot build it; anything may be raised.
    """
    import typer

    trial = typer.Typer(add_completion=False)
    trial.callback()(_nothing)  # it makes a group of a single command
    (trial.registered_groups if hasattr(entry, "typer_instance") else trial.registered_commands).append(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Typer would drop the callback of a group without a name
        built: dict[str, Any] = typer.main.get_command(trial).commands  # type: ignore[attr-defined]
    for command in built.values():
        make_harmless(command)
    return built


def _nothing() -> None:
    pass


def _refused(name: Any, is_taken: bool) -> Fault | None:
    """Why a command cannot stay under its name."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        valid = "letters, digits, '-', '_', '.', ':' and '+', beginning with a letter or digit"
        return Fault(f"{HOOK} added a command named {name!r}; valid: {valid}", advice="Give it another name")
    return Fault(f"command {name!r} is there already", advice="Give it another name") if is_taken else None


def _entries(app: Any) -> list[Any]:
    """What was added to the application, as Typer keeps it."""
    kept = (getattr(app, name, None) for name in ("registered_commands", "registered_groups"))
    return [entry for entries in kept if isinstance(entries, list) for entry in entries]


def _settings(app: Any) -> dict[str, Any]:
    """What an application has beside commands, groups and its callback."""
    own = {name: value for name, value in vars(app).items() if not name.startswith("registered_") and name != "info"}
    return own | {f"info.{name}": value for name, value in getattr(app.info, "__dict__", {}).items()}


def _beyond_commands(app: Any, before: Mapping[str, Any]) -> list[Fault]:
    """What a plugin did to the application beside adding commands; none of it has an effect."""
    faults = []
    if getattr(app, "registered_callback", None) is not None:
        what = f"{HOOK} would have replaced icon's own callback, which has --version; it is left out"
        faults.append(Fault(what, advice=ADVICE))
    after = _settings(app)
    changed = [name for name in {**before, **after} if before.get(name) is not after.get(name)]
    if changed:
        what = f"{HOOK} changed {', '.join(f'app.{name}' for name in changed)}; that has no effect"
        faults.append(Fault(what, advice=ADVICE))
    return faults


def _spelled(function: str) -> str:
    return function.lower().replace("_", "-")
