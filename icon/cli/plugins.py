"""`icon plugins`: what is installed, what it offers, and what is wrong with it and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from icon.cli.loading import load_plugins
from icon.hooks.single_file import absolute


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plugins")(plugins)


def plugins(
    name: Annotated[str | None, typer.Argument(help="A strategy or a distribution, to show with its options.")] = None,
    plugin: Annotated[
        list[str] | None, typer.Option(help="Python file to list with what is installed; repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if anything is wrong with any of them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the plugins: what each offers, its version, what is wrong with it and what to do."""
    from icon.cli.app import build_commands
    from icon.cli.plan import print_json
    from icon.cli.plugin_tables import show_all, show_one
    from icon.hooks.listing import detail, listing

    loaded = load_plugins([absolute(each) for each in plugin or ()])
    entries = listing(loaded, loaded.add_commands(build_commands()))
    shown = entries if name is None else detail(entries, name)
    if as_json:
        print_json({"plugins": shown, "warnings": sum(len(each["faults"]) for each in shown)})
    elif name is None:
        show_all(shown)
    else:
        show_one(shown)
    if check and any(each["faults"] for each in shown):
        raise typer.Exit(1)
