"""`icon plugins`: what is installed, what it offers, and what is wrong with it and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from icon.cli._console import out, safe
from icon.cli._loaded import load_plugins
from icon.plugins.single_file import absolute

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

Entry = Mapping[str, Any]

SETTABLE = ("assessment", "backend", "scorer", "selector")
"""Kinds whose options are set with -o KIND.NAME=VALUE."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plugins")(plugins)


def plugins(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A strategy or a distribution, to show with its options.")] = None,
    plugin: Annotated[
        list[str] | None, typer.Option(help="Python file to list with what is installed; repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if anything is wrong with any of them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the plugins: what each offers, its version, what is wrong with it and what to do."""
    from icon.cli.plan import print_json
    from icon.plugins.listing import detail, listing

    files = [absolute(file) for file in plugin or ()]
    loaded = load_plugins(files, files)
    entries = listing(loaded, loaded.add_commands(context.obj()))
    shown = entries if name is None else detail(entries, name)
    if as_json:
        print_json({"plugins": shown, "warnings": sum(len(entry["faults"]) for entry in shown)})
    elif name is None:
        show_all(shown)
    else:
        show_one(shown)
    if check and any(entry["faults"] for entry in shown):
        raise typer.Exit(1)


def show_all(entries: Sequence[Entry]) -> None:
    """Print every distribution with what it offers, and a count below."""
    width = max((len(strategy["name"]) for entry in entries for strategy in entry["strategies"]), default=0)
    for entry in entries:
        out().print(_head(entry))
        table = _grid(11, width)
        for row in _offers(entry):
            table.add_row(*map(_text, row))
        if table.row_count:
            out().print(table)
        _print_faults(entry)
        out().print()
    n_strategies, n_faults = (sum(len(entry[key]) for entry in entries) for key in ("strategies", "faults"))
    state = _count(n_faults, "warning") if n_faults else "nothing wrong"
    out().print(
        f"{_count(len(entries), 'plugin')}, {_count(n_strategies, 'strategy')}: {state}. "
        "Options of a strategy: icon plugins NAME",
        style="yellow" if n_faults else "dim",
    )


def show_one(entries: Sequence[Entry]) -> None:
    """Print the strategies of these entries with their options."""
    for entry in entries:
        out().print(_head(entry))
        for strategy in entry["strategies"]:
            _print_strategy(strategy)
        more = _grid(11, 0)
        for row in _further(entry):
            more.add_row(*map(_text, row))
        if more.row_count:
            out().print()
            out().print(more)
        _print_faults(entry)


def _head(entry: Entry) -> Text:
    from rich.text import Text

    head = Text(safe(entry["distribution"]), style="bold").append(f" {safe(entry['version'])}", style="not bold")
    if entry["path"]:
        head.append(f"  {safe(entry['path'])}", style="not bold dim")
    return head


def _offers(entry: Entry) -> Iterator[tuple[str, str, str]]:
    before = ""
    for strategy in entry["strategies"]:
        kind = strategy["kind"]
        yield "" if kind == before else kind, strategy["name"], strategy["summary"]
        before = kind
    yield from _further(entry)


def _further(entry: Entry) -> Iterator[tuple[str, str, str]]:
    for place, name in enumerate(entry["commands"]):
        yield "" if place else "command", name, f"icon {name} --help"
    if entry["observer"]:
        yield "observer", "", "receives the events of a run"
    if entry["report_sections"]:
        yield "report", "", "adds sections to the report"


def _print_strategy(strategy: Mapping[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    out().print()
    title = Text(f"{strategy['kind']} {safe(strategy['name'])}", style="bold")
    title.append(f"  {safe(strategy['summary'])}", "not bold")
    out().print(title)
    if not strategy["options"]:
        reason = "  Its options cannot be shown." if strategy["options"] is None else "  It takes no options."
        out().print(reason, style="dim")
        return
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("  option", "type", "default", "what it does"):
        table.add_column(heading, overflow="fold")
    for option in strategy["options"]:
        default = "must be given" if option["required"] else _value(option["default"])
        table.add_row(*map(_text, (f"  {option['name']}", option["type"], default, option["description"])))
    out().print(table)
    if strategy["kind"] in SETTABLE:
        first = strategy["options"][0]["name"]
        out().print(_text(f"  Set with -o {strategy['kind']}.{first}=VALUE"), style="dim")


def _print_faults(entry: Entry) -> None:
    for fault in entry["faults"]:
        table = _grid(11)
        for word, key in (("wrong", "what"), ("where", "where"), ("do", "advice")):
            if fault[key]:
                table.add_row(_text(word), _text(fault[key]), style="red" if key == "what" else "")
        out().print(table)


def _grid(*widths: int) -> Table:
    """A table without lines, two blanks in: columns of these widths, and one that takes the rest."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for place, width in enumerate(widths):
        table.add_column(style="" if place else "dim", min_width=width, no_wrap=not place)
    table.add_column(overflow="fold")
    return table


def _text(text: str) -> Text:
    from rich.text import Text

    return Text(safe(text))


def _value(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _count(n: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n} {noun if n == 1 else plural}"
