"""What an option does where it is not given is in its help: a default, or that there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from inspect import Parameter
from typing import Annotated, Any, get_args, get_origin

from typer.models import OptionInfo

NONE = "none"

SAYS = re.compile(r"by default|\bdefault\b|repeatable|must be given|if not all")
"""Words by which a description says what holds without the option."""


def say_defaults(parameters: Iterable[Parameter]) -> None:
    """Let the help of every option without a default say so, unless its description says what holds without it."""
    for parameter in parameters:
        option, default = _option(parameter)
        if option is None or option.hidden or default is not None or isinstance(option.show_default, str):
            continue
        if not SAYS.search(f"{option.help} {option.metavar}"):
            option.show_default = NONE


def _option(parameter: Parameter) -> tuple[OptionInfo | None, Any]:
    """Typer's record of a parameter, and its default; None where it is an argument."""
    if isinstance(parameter.default, OptionInfo):
        return parameter.default, parameter.default.default
    if get_origin(parameter.annotation) is Annotated:
        found = [one for one in get_args(parameter.annotation) if isinstance(one, OptionInfo)]
        return (found[0], parameter.default) if found else (None, None)
    return None, None


def default_of(setting: str, defaults: Mapping[str, Any] = {}) -> str | bool:
    """The default of a setting in the help, the command's own before that of `RunConfig`; False where it has none."""
    from icon.config import RunConfig

    value = defaults.get(setting, RunConfig.model_fields[setting].default)
    if isinstance(value, bool):
        return setting.replace("_", "-") if value else f"no-{setting.replace('_', '-')}"
    if isinstance(value, tuple | list):
        value = ", ".join(value)
    if isinstance(value, float):
        value = f"{value:g}"
    return str(value) if value not in (None, "", {}) else False


def choices_of(setting: str) -> str:
    """The values of a setting that has a fixed list of them, for the help."""
    from icon.config import RunConfig

    return f"<{'|'.join(get_args(RunConfig.model_fields[setting].annotation))}>"
