"""Checks the options of a strategy, and says which other strategy has an option that it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from icon.errors import ConfigError
from icon.plugins.manager import Plugins

KEPT_APART = {
    "assessment": "--assessment",
    "scorer": "--scorer",
    "selector": "--selector",
    "backend": "--backend",
    "executor": "--executor",
}
"""How users name a strategy of a kind."""


def validate_options(plugins: Plugins, kind: str, name: str, options: Mapping[str, Any]) -> BaseModel:
    """Validate the options of a strategy; returns them as their model.

    Args:
        plugins: All strategies.
        kind: The kind of the strategy.
        name: Its name.
        options: Its options.

    Raises:
        UnknownStrategyError: No installed strategy has that name.
        ConfigError: An option is unknown or has a wrong value; the message lists every fault, and says where an option
            is another strategy's.
    """
    strategy = plugins.get(kind, name)
    try:
        return strategy.validate(dict(options))
    except ConfigError as error:
        hints = [hint for option in options if (hint := _elsewhere(plugins, kind, name, option))]
        raise ConfigError("".join([str(error), *(f"; {hint}" for hint in hints)])) from None


def _elsewhere(plugins: Plugins, kind: str, name: str, option: str) -> str:
    """Which other strategies have an option that this one lacks; empty where none has it, or this one has it."""
    own = plugins.get(kind, name).options
    if option in own.model_fields or option in getattr(own, "instead", {}):
        return ""
    having = [other for other, one in plugins.strategies(kind).items() if option in one.options.model_fields]
    return f"{option} is an option of {KEPT_APART[kind]} {' and '.join(having[:3])}" if having else ""
