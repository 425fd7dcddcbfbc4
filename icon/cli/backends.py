"""`icon backends`: the backends that are installed and the options each takes."""

from __future__ import annotations

from typing import Annotated

import typer

from icon.cli._console import out, safe, warn
from icon.cli._loaded import load_plugins
from icon.plugins.strategies import Strategy


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backends")(backends)


def backends(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the backends and their options."""
    from icon.cli.plan import print_json
    from icon.plugins.listing import fault_of_options

    plugins = load_plugins()
    known = set(plugins.warnings)
    installed = plugins.strategies("backend")
    faults = {name: fault for name, backend in installed.items() if (fault := fault_of_options("backend", backend))}
    warnings = [warning for warning in plugins.warnings if warning not in known]
    warnings += [f"plugin {installed[name].distribution}: {fault.what}" for name, fault in faults.items()]
    for warning in warnings:
        warn(warning)
    if as_json:
        print_json(
            [
                {
                    "name": backend.name,
                    "distribution": backend.distribution,
                    "summary": backend.summary,
                    "advice": _advice(backend),
                    "options": None if backend.name in faults else backend.options.model_json_schema(),
                }
                for backend in installed.values()
            ]
        )
        return
    if not installed:
        out().print("No backend is installed." + plugins.advice("backend", "llamacpp"), markup=False, soft_wrap=True)
    for backend in installed.values():
        _print(backend, is_broken=backend.name in faults)


def _print(backend: Strategy, *, is_broken: bool) -> None:
    """Print a backend with its options, if they can be shown."""
    from rich.table import Table
    from rich.text import Text

    from icon.plugins.listing import described

    out().print(Text(safe(backend.name), style="bold").append(f"  {safe(backend.summary)}", style="default"))
    if is_broken:
        out().print("  Its options cannot be shown.", style="dim")
        return
    table = Table("option", "default", "what it does", box=None, pad_edge=False, padding=(0, 2))
    for option in described(backend):
        default = "must be given" if option["required"] else str(option["default"])
        cells = (f"  -o backend.{option['name']}=", default, option["description"])
        table.add_row(*(Text(safe(cell)) for cell in cells))
    out().print(table)
    if advice := _advice(backend):
        out().print(Text(safe(advice), style="yellow"))


def _advice(backend: Strategy) -> str:
    """What the backend says would be faster or better on this machine; empty where it says nothing."""
    from icon.errors import PluginError
    from icon.plugins.strategies import blamed

    if backend.advice is None:
        return ""
    try:
        with blamed(backend, "backend", "could not say what would be faster"):
            return str(backend.advice())
    except PluginError as error:
        warn(str(error))
        return ""
