"""Bounds on one rendering of a template: its time, its memory, and the size of every value that it makes."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import ItemsView, Iterable, KeysView, Mapping, ValuesView
from typing import Any

import jinja2
from jinja2.utils import Namespace

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

MIB = 1024 * 1024

MAX_SECONDS = 10.0
"""Most processor seconds of one rendering; a conversation of a megabyte takes a tenth of one."""

MAX_GROWTH = 384 * MIB
"""Most bytes by which one rendering may make the process grow."""

MAX_TEXT = 64 * MIB
"""Most characters of a rendered conversation, or of a block: what the longest row has."""

MAX_VALUE = 16 * MIB
"""Most characters of a text that an expression makes: sixteen of the longest texts of a sample, joined."""

MAX_ITEMS = 1_000_000
"""Most items of a list that an expression makes, and most values that are compared or written as text at once."""

MAX_DIGITS = 100_000
"""Most bits of a whole number that an expression makes, and greatest width, indent or number of columns."""

_CHECK_EVERY = 256
_CONTAINERS = (list, tuple, dict, KeysView, ValuesView, ItemsView, set, frozenset, Namespace)


class TooMuch(jinja2.TemplateError):
    """A template makes something that is beyond a bound; the message says what, as the end of a sentence."""


class Budget(threading.local):
    """What the rendering in this thread has used so far."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A rendering begins."""
        self._end = time.thread_time() + MAX_SECONDS
        self._steps = self._made = 0
        self._peak = _peak()

    def step(self) -> None:
        """One step: an item of a loop, a call or a filter."""
        self._steps += 1
        if self._steps % _CHECK_EVERY == 0:
            self._check()

    def made(self, value: Any) -> Any:
        """Count a value that an expression made; returns it."""
        size = sys.getsizeof(value, 0)
        self._made += size
        if size > MIB:
            self._check()
        return value

    def _check(self) -> None:
        if time.thread_time() > self._end:
            raise TooMuch(f"it takes more than {MAX_SECONDS:.0f} s; valid: a template that renders a sample in less")
        if self._made + 100 * self._steps > MAX_GROWTH and (resource is None or _peak() - self._peak > MAX_GROWTH):
            raise too_much("values", MAX_GROWTH // MIB, "MiB")


def _peak() -> int:
    """Most bytes that the process has taken so far; 0 where the system does not say."""
    if resource is None:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def too_much(what: str, most: int, unit: str) -> TooMuch:
    """The error of a template that makes more than a bound allows."""
    return TooMuch(f"it makes {what} of more than {most:,} {unit}; valid: at most that")


def check_text(n_characters: int, most: int = MAX_VALUE) -> None:
    """Refuse a text of so many characters, before it is made.

    Raises:
        TooMuch: There are more than `most`.
    """
    if n_characters > most:
        raise too_much("a text", most, "characters")


def check_items(n_items: int) -> None:
    """Refuse a list of so many items, before it is made.

    Raises:
        TooMuch: There are more than `MAX_ITEMS`.
    """
    if n_items > MAX_ITEMS:
        raise too_much("a list", MAX_ITEMS, "items")


def check_number(number: Any) -> None:
    """Refuse a width that is too great; what is no number is left to whoever uses it.

    Raises:
        TooMuch: It is beyond `MAX_DIGITS`.
    """
    if isinstance(number, int) and abs(number) > MAX_DIGITS:
        raise TooMuch(f"it asks for a width of {number:.3e}; valid: at most {MAX_DIGITS:,}")


def weighed(value: Any) -> Any:
    """The value, unless writing it as text or comparing it would take too long: a list may have itself many times.

    Raises:
        TooMuch: It has more than `MAX_ITEMS` values within one another, or more characters than `MAX_VALUE`.
    """
    if not isinstance(value, _CONTAINERS):
        return value
    left, n_items, n_characters = [value], 0, 0
    while left:
        inner = _inner(left.pop())
        n_items += len(inner)
        check_items(n_items)
        for one in inner:
            if isinstance(one, str | bytes):
                n_characters += len(one)
            elif isinstance(one, _CONTAINERS):
                left.append(one)
        check_text(n_characters)
    return value


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Namespace):
        value = value._Namespace__attrs  # what its text shows
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return list(value)


_NUMBERS = re.compile(r"\d+")


def check_format(text: str, values: Iterable[Any]) -> None:
    """Refuse a format whose result may be too long: every field may have the greatest width and the longest value.

    Args:
        text: The format, for `%` or `str.format`.
        values: What is put into it.

    Raises:
        TooMuch: It may.
    """
    numbers, longest = [], 0
    for value in values:
        weighed(value)
        longest = max(longest, len(value) if isinstance(value, str | bytes) else 0)
        if isinstance(value, int) and ("*" in text or "{" in text):
            numbers.append(abs(value))
    numbers += [int(number[:9]) for number in _NUMBERS.findall(text)]
    check_number(max(numbers, default=0))
    n_fields = text.count("%") + text.count("{")
    check_text(len(text) + n_fields * (longest + max(numbers, default=0)))
