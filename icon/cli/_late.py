"""Commands whose modules are imported when they are used, so that the help of `icon` needs no more than their names."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand


class LateCommand(TyperCommand):
    """A command by its name and the first line of its help; at its use the command of that name in its own file."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the whole command."""
        return whole(self.name or "").make_context(info_name, args, parent, **extra)


def whole(name: str) -> Any:
    """Build one of icon's own commands with all its arguments and options.

    Args:
        name: As users type it; its module has the same name.
    """
    app = typer.Typer()
    app.callback()(_no_op)  # makes Typer build a group even of a single command
    add(app, name)
    return typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]


def add(app: typer.Typer, name: str) -> None:
    """Add one of icon's own commands to an application."""
    from icon.cli._access import add_access

    own = typer.Typer()
    import_module(f"icon.cli.{name.replace('-', '_')}").register(own)
    add_access(own)
    app.registered_commands += own.registered_commands


def add_late(app: typer.Typer, name: str, line: str) -> None:
    """Add one of icon's own commands to an application, to be imported when it is used."""
    app.command(name, cls=LateCommand, help=line)(_no_op)


def _no_op() -> None:
    pass
