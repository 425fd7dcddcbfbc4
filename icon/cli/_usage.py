"""A command line that Typer cannot take apart, as an error of icon's: one sentence with what is near and what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from icon._near import did_you_mean
from icon.errors import ConfigError

USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""Typer's error of wrong usage; in some of its versions it is click's."""

KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}

BOUNDS = {"ge": "a number of at least", "gt": "a number above", "le": "a number of at most", "lt": "a number below"}


def run_app(app: typer.Typer) -> int:
    """Run the application on the words of this process; gives the exit code.

    Raises:
        ConfigError: The words are no command line of it.
    """
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        code = 1
    except USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # which shows the help
            error.show()
            return 2
        raise ConfigError(_sentence(error)) from None
    return code if isinstance(code, int) else 0


def _sentence(error: Any) -> str:
    """What is wrong, in one sentence: the command, what was found, what is near or valid."""
    context, said = error.ctx, " ".join(error.format_message().split())
    path = context.command_path if context is not None else " ".join(["icon", *sys.argv[1:2]])
    if type(error).__name__ == "NoSuchOption":
        return f"{path}: no option {error.option_name}{_near_option(error.option_name, context)}"
    if said.startswith("No such command") and context is not None:
        return _no_command(path, said, context)
    if said.startswith("Missing"):
        usage = " ".join(context.get_usage().split()) if context is not None else ""
        return f"{path}: {said[0].lower()}{said[1:].removesuffix('.')}. {usage}"
    if (fault := _fault(error)) and error.param is not None:
        option = max((*error.param.opts, error.param.name), key=len)
        return f"{path}: {option}: found {str(fault['input'])[:60]!r}; valid: {_valid(fault)}"
    return f"{path}: {said[0].lower()}{said[1:].removesuffix('.')}; `{path} --help` says what is valid"


def _fault(error: Any) -> Any:
    """The fault that pydantic found in a value, for a version of Typer that reads values with it."""
    from pydantic import ValidationError

    cause = error.__cause__
    return cause.errors()[0] if isinstance(cause, ValidationError) else None


def _valid(fault: Any) -> str:
    """What values are valid, of a number; `--help` where it is another kind of value."""
    kind, bounds = str(fault["type"]), fault.get("ctx", {})
    for name, words in BOUNDS.items():
        if name in bounds:
            return f"{words} {bounds[name]}"
    return next((words for start, words in KINDS.items() if kind.startswith(start)), "as `--help` says")


def _near_option(name: str, context: Any) -> str:
    params = context.command.params if context is not None else []
    known = [option for param in params for option in (*param.opts, *param.secondary_opts) if option.startswith("--")]
    meant = did_you_mean(name.lstrip("-"), (option.removeprefix("--") for option in known), before="--")
    return f".{meant}" if meant else f"; `{context.command_path if context else 'icon'} --help` lists those there are"


def _no_command(path: str, said: str, context: Any) -> str:
    name = said.partition("'")[2].partition("'")[0]
    known = [name for name, command in context.command.commands.items() if not command.hidden]
    if meant := did_you_mean(name, known, before=f"{path} "):
        return f"{path}: no command {name}.{meant}"
    if Path(name).exists():
        return f"{path}: no command {name}; to select from that file: {path} run {name}"
    return f"{path}: no command {name}; valid: {', '.join(known)}"
