"""What a command may run and reach: the options --trust, --offline and --online.

They are added in one place to the parameters of every command that has a use for them, and hold while it runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import typer

from icon import network, trust
from icon._settings_file import is_run_json
from icon.cli._console import warn
from icon.cli._defaults import say_defaults

WITHOUT = ("plugins", "backends")
"""Commands that open no run and read no data."""

TRUSTING = "trust", "Plugin file or model folder, named by the run or its settings, whose code may run; repeatable."
STAYING = "offline", "Reach no hub and no other machine; what was downloaded before is used."
REACHING = "online", "Ask the hub for models and data that the run folder or run.json names."

NAMING = ("pool", "assessment", "model", "judge", "pairwise_judge", "tasks", "repo")
"""Options that may name something on a hub, or an address."""

_PART = r"[\w-](?:[\w.-]*[\w-])?"
_NO_FILE = r"(?!.*\.(?:jsonl?|csv|tsv|parquet|arrow|txt|gz|zst|bz2|xz|gguf|toml|jinja2?)$)"
_DATA = re.compile(rf"{_NO_FILE}{_PART}/{_PART}")
HUB_NAMES = {
    "pool": re.compile(rf"{_NO_FILE}{_PART}(?:/{_PART})?(?::[\w.-]+)?(?:@[\w./-]+)?|[a-z][a-z0-9+.-]+://.+"),
    "assessment": _DATA,
    "judge": _DATA,
    "model": re.compile(rf"{_NO_FILE}{_PART}(?:/{_PART})?|{_PART}/{_PART}/.+\.gguf"),
}
"""The form of names on a hub, for options that take files as well; a file that was moved has another one."""

LOCAL = ("demo", "smollm2", "file", "stratified", "clustered")
"""Values of theirs that stand for what is installed."""


def add_access(app: typer.Typer) -> None:
    """Give every command of the application these options; a command that has an option of that name keeps its own."""
    for command in app.registered_commands:
        if command.callback is not None and not command.hidden and _name(command) not in WITHOUT:
            command.callback = with_access(command.callback)


def with_access(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the three options, which hold while it runs; one that has them already stays as it is."""
    own = signature(command, eval_str=True)
    panel = "Run" if {"config", "preset"} <= own.parameters.keys() else None
    added = _options(panel)
    if own.parameters.keys() & added.keys():
        return command

    @wraps(command)
    def limited(*positional: Any, **given: Any) -> Any:
        trusted, offline, online = (given.pop(option) for option in added)
        because = network.reason(received=is_received(given), offline=offline, online=online)
        with trust.calling(trusted=trusted or ()) as caller, network.limited(because):
            try:
                return command(*positional, **given)
            finally:
                for fault in caller.faults:  # of a model's code known only when it is opened
                    warn(fault)

    parameters = [*own.parameters.values(), *added.values()]
    say_defaults(parameters)
    limited.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    limited.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del limited.__wrapped__
    return limited


def is_received(given: Mapping[str, Any]) -> bool:
    """Whether the names that a command looks up come from a run folder or a run.json, and none from its own words."""
    if any(_names_hub(option, given.get(option)) for option in NAMING) or given.get("to") == "hub":
        return False
    if "run" in given or "runs" in given:
        return True
    config = given.get("config")
    return config is not None and is_run_json(Path(config))


def _names_hub(option: str, value: object) -> bool:
    """Whether the value of an option is a name on a hub or an address, and not a file that is not there."""
    if isinstance(value, list | tuple):
        return any(_names_hub(option, one) for one in value)
    if not isinstance(value, str) or value in LOCAL or value.startswith("file://"):
        return False
    try:
        if Path(value).expanduser().exists():
            return False
    except (OSError, RuntimeError, ValueError):
        return False
    return option not in HUB_NAMES or HUB_NAMES[option].fullmatch(value) is not None


def _options(panel: str | None) -> dict[str, Parameter]:
    """The parameters of the three options, by name."""

    def option(name: str, default: object, text: str, kind: object) -> Parameter:
        shown = typer.Option(default, f"--{name}", help=text, rich_help_panel=panel, show_default=False)
        return Parameter(name, Parameter.KEYWORD_ONLY, default=shown, annotation=kind)

    return {
        "trust": option(TRUSTING[0], None, TRUSTING[1], list[str] | None),
        "offline": option(STAYING[0], False, STAYING[1], bool),
        "online": option(REACHING[0], False, REACHING[1], bool),
    }


def _name(command: Any) -> str:
    return command.name or ""
