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
    from rich.text import Text

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
        out().print(Text(safe(each.name), style="bold").append(f"  {safe(each.summary)}", style="default"))
        table = Table("option", "default", "what it does", box=None, pad_edge=False, padding=(0, 2))
        for name, field in each.options.model_fields.items():
            told = (f"  -o backend.{name}=", str(field.default), field.description or "")
            table.add_row(*(Text(safe(part)) for part in told))
        out().print(table)
