"""Who broke a contract, and what was given: the words for errors on what a plugin returns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from icon.errors import IconError, PluginError
from icon.plugins.containing import contained, kind_of

if TYPE_CHECKING:
    from icon.plugins.strategies import Strategy

Found = TypeVar("Found")

LONGEST = 80
"""Most characters of a value in a message."""

OWN = ("icon", "icon_torch", "icon_llamacpp")
"""Packages whose unexpected errors stay as they are, with their traceback: they are bugs of this project."""

BUILT_IN = ("", "icon", "icon-select")
"""Distributions of strategies that need no further name."""

_offered: WeakKeyDictionary[type, Strategy] = WeakKeyDictionary()


def remember(made: object, strategy: Strategy) -> None:
    """Note which strategy makes objects of this class, for messages."""
    _offered[type(made)] = strategy


def is_own(thing: object) -> bool:
    """Whether the object's class is part of this project's core or backends."""
    return type(thing).__module__.partition(".")[0] in OWN


def named(thing: object, kind: str) -> str:
    """The object as users know it: kind, name and distribution of its strategy; else the name of its class."""
    strategy = _offered.get(type(thing))
    if strategy is None:
        return f"{kind} {type(thing).__name__}"
    of = "" if strategy.distribution in BUILT_IN else f" ({strategy.distribution})"
    return f"{kind} {strategy.name}{of}"


def broken(thing: object, kind: str, found: str, valid: str) -> PluginError:
    """The error that an object of a plugin breaks its contract.

    Args:
        thing: The object.
        kind: Its kind: "backend", "scorer", "selector".
        found: What it gave, where.
        valid: What would be valid.
    """
    return PluginError(f"{named(thing, kind)}: {found}; valid: {valid}")


def called(thing: object, kind: str, method: str, call: Callable[[], Found]) -> Found:
    """What a method of a plugin's object returns.

    Raises:
        PluginError: It raises an error that is none of icon's, and the object is none of this project's.
    """
    try:
        with contained():
            return call()
    except IconError:
        raise
    except Exception as error:  # a plugin may raise anything
        if is_own(thing):
            raise
        raise PluginError(f"{named(thing, kind)}: {method} raised {kind_of(error)}: {error}") from error


def shown(value: object) -> str:
    """A value for a message, with its type where that is not plain, on one line and cut to a length."""
    if value is None or isinstance(value, bool | int | float | str):
        text = repr(value)
    else:
        text = f"{type(value).__name__} {value!r}"
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def is_number(value: object) -> bool:
    """Whether it is a real number, numpy's included; NaN and infinities are."""
    if type(value) is float:  # as nearly all are, and the others take ten times as long to recognise
        return True
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Whether it is a finite real number."""
    if type(value) is float:
        return math.isfinite(value)
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def is_list(value: object) -> bool:
    """Whether it is a list or another sequence that is no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
