"""`icon backends`: the backends that are installed and the options each takes."""

from __future__ import annotations

from typing import Annotated

import typer

from icon.cli.console import out, safe
from icon.cli.loading import load_plugins


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backends")(backends)


def backends(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the backends and their options."""
    from rich.table import Table

    from icon.cli.plan import print_json

    found = load_plugins().strategies("backend")
    if as_json:
        print_json(
            [
                {
                    "name": each.name,
                    "distribution": each.distribution,
                    "summary": each.summary,
                    "options": each.options.model_json_schema(),
                }
                for each in found.values()
            ]
        )
        return
    if not found:
        out().print('No backend is installed. Try: pip install "icon-llamacpp\\[embedded]"')
    for each in found.values():
        out().print(f"[bold]{safe(each.name)}[/]  {safe(each.summary)}  [dim]({safe(each.distribution)})[/]")
        table = Table("option", "default", "what it does", box=None, pad_edge=False, padding=(0, 2))
        for name, field in each.options.model_fields.items():
            table.add_row(f"  -o backend.{name}=", str(field.default), field.description or "")
        out().print(table)
