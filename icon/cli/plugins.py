"""`icon plugins`: what is installed, what it offers, and what failed to load and why."""

from __future__ import annotations

from typing import Annotated

import typer

from icon.cli.console import out, safe
from icon.cli.loading import load_plugins
from icon.hooks.manager import KINDS


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plugins")(plugins)


def plugins(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the plugins, their strategies, and what is wrong with any of them."""
    from rich.table import Table
    from rich.text import Text

    from icon.cli.plan import print_json

    loaded = load_plugins()
    offered = [(kind, strategy) for kind in KINDS for strategy in loaded.strategies(kind).values()]
    if as_json:
        print_json(
            {
                "plugins": [
                    {"distribution": each.distribution, "version": each.version, "fault": each.fault or None}
                    for each in loaded.loaded
                ],
                "strategies": [
                    {"kind": kind, "name": each.name, "summary": each.summary, "distribution": each.distribution}
                    for kind, each in offered
                ],
            }
        )
        return
    table = Table("kind", "name", "distribution", "what it does", box=None, header_style="bold", pad_edge=False)
    for kind, strategy in offered:
        told = (strategy.name, strategy.distribution, strategy.summary)
        table.add_row(kind, *(Text(safe(each)) for each in told))
    out().print(table)
    out().print()
    status = Table("distribution", "version", "status", box=None, header_style="bold", pad_edge=False)
    for each in loaded.loaded:
        told = (each.distribution, each.version, each.fault or "ok")
        status.add_row(*(Text(safe(part)) for part in told), style="red" if each.fault else "")
    out().print(status)
