"""Holds what a plugin's strategy builds, and does, against what it promised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import get_annotations
from typing import Any

from icon.errors import IconError, PluginError
from icon.hooks.strategies import Strategy


def built(strategy: Strategy, options: dict[str, Any], protocol: type, kind: str) -> Any:
    """Build a strategy's thing, and see that it has everything its protocol names.

    Args:
        strategy: What to build.
        options: Its options.
        protocol: One of `icon.protocols`.
        kind: What it is, for messages: "scorer", "selector", "assessment builder", "reader".

    Raises:
        ConfigError: The options do not fit.
        PluginError: It cannot be built, or lacks something.
    """
    with blamed(strategy, kind, "could not be built"):
        made = strategy.make(options)
    if missing := [name for name in _named_by(protocol) if not hasattr(made, name)]:
        raise PluginError(
            f"{_told(strategy, kind)}: what it builds has no {', '.join(missing)}; valid: all that "
            f"icon.protocols.{protocol.__name__} names"
        )
    return made


@contextmanager
def blamed(strategy: Strategy, kind: str, what: str) -> Iterator[None]:
    """Within it an error that icon knows nothing of is the plugin's: a PluginError that names it."""
    try:
        yield
    except IconError:
        raise
    except Exception as error:  # a plugin may raise anything
        raise PluginError(f"{_told(strategy, kind)} {what}: {type(error).__name__}: {error}") from error


def _told(strategy: Strategy, kind: str) -> str:
    return f"{kind} {strategy.name} ({strategy.distribution or 'icon'})"


def _named_by(protocol: type) -> list[str]:
    """Attributes and methods that a protocol class names itself."""
    methods: list[Callable[..., Any]] = [each for each in vars(protocol).values() if callable(each)]
    names = [*get_annotations(protocol), *(each.__name__ for each in methods)]
    return [name for name in names if not name.startswith("_")]
