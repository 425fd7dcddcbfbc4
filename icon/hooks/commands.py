"""The commands that a plugin adds to the Typer application; none of them takes the place of another."""

from __future__ import annotations

from typing import Any


def entries(app: Any) -> dict[int, str]:
    """Names of the application's commands and groups by the identity of their entry; an unnamed group has none."""
    commands = {id(each): each.name or _spelled(each.callback.__name__) for each in app.registered_commands}
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
    app.registered_commands = [each for each in app.registered_commands if id(each) not in taken]
    app.registered_groups = [each for each in app.registered_groups if id(each) not in taken]
    return [name for entry, name in new.items() if name and entry not in taken], list(taken.values())


def _spelled(function: str) -> str:
    return function.lower().replace("_", "-")


def _group(entry: Any) -> str:
    for info in (entry, entry.typer_instance.info):  # Typer wraps what was not given
        if name := getattr(info.name, "value", info.name):
            return str(name)
    return ""
