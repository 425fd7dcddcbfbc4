"""The commands that a plugin adds to the Typer application; none of them takes the place of another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from icon.hooks.faults import Fault, raised
from icon.hooks.loaded import roots_of_plugin

HOOK = "icon_commands"


def add_commands_of(implementation: Any, app: Any) -> tuple[list[str], list[Fault]]:
    """Let a plugin add its commands, and take those out again that cannot stay.

    Args:
        implementation: pluggy's record of who implements the hook.
        app: The application.

    Returns:
        Names of the commands that stay, and what is wrong: the hook raised, it replaced icon's own callback, a name
        was taken, or Typer cannot make a command of what it was given.
    """
    before, callback, faults = entries(app), app.registered_callback, []
    roots, distribution = roots_of_plugin(implementation.plugin), implementation.plugin_name
    try:
        implementation.function(app)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything; `icon --help` must work
        faults.append(raised(error, roots, distribution, HOOK))
    if app.registered_callback is not callback:
        app.registered_callback = callback
        what = f"{HOOK} replaced icon's own callback, which has --version; it is put back"
        faults.append(Fault(what, advice="Add commands, or a typer.Typer() of your own with app.add_typer"))
    for entry, told in _unusable(app, before):
        _remove(app, [entry])
        faults.append(raised(told, roots, distribution, f"a command of {HOOK}"))
    names, taken = settle(app, before)
    faults += [Fault(f"command {each!r} is there already", advice="Give it another name") for each in taken]
    return names, faults


def entries(app: Any) -> dict[int, str]:
    """Names of the application's commands and groups by the identity of their entry; an unnamed group has none."""
    commands = {
        id(each): each.name or _spelled(getattr(each.callback, "__name__", "")) for each in app.registered_commands
    }
    return commands | {id(each): _group(each) for each in app.registered_groups}


def settle(app: Any, before: dict[int, str]) -> tuple[list[str], list[str]]:
    """Take new entries whose name was taken out again.

    Args:
        app: The application.
        before: Its `entries` before the new ones came.

    Returns:
        Names of the new entries that stay, and of those that are out again.
    """
    new = {entry: name for entry, name in entries(app).items() if entry not in before}
    taken = {entry: name for entry, name in new.items() if name and name in before.values()}
    _remove(app, taken)
    return [name for entry, name in new.items() if name and entry not in taken], list(taken.values())


def _unusable(app: Any, before: dict[int, str]) -> list[tuple[int, Exception]]:
    """New entries that Typer cannot build, which would otherwise come out at `icon --help`, with what it says."""
    import typer

    found = []
    for entry in [*app.registered_commands, *app.registered_groups]:
        if id(entry) in before:
            continue
        trial = typer.Typer(add_completion=False)
        (trial.registered_groups if hasattr(entry, "typer_instance") else trial.registered_commands).append(entry)
        try:
            typer.main.get_command(trial)
        except Exception as error:  # noqa: BLE001  Typer raises anything on callbacks that it does not understand
            found.append((id(entry), error))
    return found


def _remove(app: Any, unwanted: Collection[int]) -> None:
    app.registered_commands = [each for each in app.registered_commands if id(each) not in unwanted]
    app.registered_groups = [each for each in app.registered_groups if id(each) not in unwanted]


def _spelled(function: str) -> str:
    return function.lower().replace("_", "-")


def _group(entry: Any) -> str:
    for info in (entry, entry.typer_instance.info):  # Typer wraps what was not given
        if name := getattr(info.name, "value", info.name):
            return str(name)
    return ""
