"""Every command of `icon` with its arguments and options, from the Typer application."""

from __future__ import annotations

import typer
from markup import code, plain, table

from icon.cli._app import build_app

SHARED = "run"
"""The command whose options are listed once: others that take all of them only list what they have besides or what
has another default."""


def commands() -> str:
    """A section a command, in the order of `icon --help`."""
    group = typer.main.get_command(build_app(whole=True))
    context = typer.Context(group, info_name="icon")
    shared = _records(group.get_command(context, SHARED), context)
    parts = [table(("option", "what"), [_row(*each[1:]) for each in _records(group, context)])]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        usage = " ".join(command.collect_usage_pieces(context))
        parts.append(f"## icon {name}\n\n{_paragraphs(command.help)}\n\n```text\nicon {name} {usage}\n```\n")
        own = _records(command, context)
        if name != SHARED and {each[:2] for each in shared} <= {each[:2] for each in own}:
            own = [each for each in own if each not in shared]
            ending = "; these are its own or have another default there:" if own else "."
            parts.append(f"Takes the arguments and options of [icon {SHARED}](#icon-{SHARED}){ending}\n")
        for panel in dict.fromkeys(each[0] for each in own):
            parts.append(table((panel, "what"), [_row(*each[1:]) for each in own if each[0] == panel]))
    return "\n".join(parts)


def _records(command: typer.core.TyperCommand, context: typer.Context) -> list[tuple[str, str, str]]:
    """Panel, name and help of each argument and option, `--help` left out."""
    found = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and parameter.name != "help":
            panel = getattr(parameter, "rich_help_panel", None)
            is_argument = parameter.param_type_name == "argument"
            found.append((panel or ("argument" if is_argument else "option"), *record))
    return found


def _row(name: str, told: str) -> tuple[str, str]:
    return code(name), plain(told)


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(plain(each) for each in (text or "").split("\n\n"))
