"""What the operators, methods and filters of templates may make, checked before they make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from icon.samples.templates._render_bounds import (
    MAX_DIGITS,
    MAX_ITEMS,
    MAX_VALUE,
    TooMuch,
    check_format,
    check_items,
    check_number,
    check_text,
    too_much,
    weighed,
)

_STRINGIFY = (
    "join string pprint tojson format upper lower trim title capitalize center indent wordwrap replace striptags "
    "escape e forceescape safe urlencode xmlattr truncate wordcount urlize"
)
_COMPARE = "unique sort min max groupby dictsort in eq ne lt le gt ge == != < <= > >= equalto greaterthan lessthan"
WEIGHED = frozenset((*_STRINGIFY.split(), *_COMPARE.split()))
"""Filters and tests that write their arguments as text or compare them."""

_WITH_WIDTH = frozenset(("center", "indent", "wordwrap", "batch", "slice", "tojson", "pprint", "truncate", "urlize"))


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Refuse an operation whose result would be too large.

    Args:
        operator: One of `+`, `*`, `**` and `%`.
        left: The left operand.
        right: The right one.

    Raises:
        TooMuch: It would.
    """
    if operator == "%" and isinstance(left, str | bytes):
        values = right.values() if isinstance(right, Mapping) else right if isinstance(right, tuple) else (right,)
        check_format(left if isinstance(left, str) else left.decode("latin-1"), values)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() * max(right, 0))
    elif operator == "*" and isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())
    elif operator == "*":
        sequence, times = (right, left) if isinstance(left, int) else (left, right)
        if isinstance(times, int) and isinstance(sequence, str | bytes | list | tuple):
            _check_length(sequence, len(sequence) * max(times, 0))
    elif operator == "+" and isinstance(left, str | bytes | list | tuple) and isinstance(right, type(left)):
        _check_length(left, len(left) + len(right))


def _check_length(like: Any, length: int) -> None:
    check_text(length) if isinstance(like, str | bytes) else check_items(length)


def _check_bits(n_bits: int) -> None:
    if n_bits > MAX_DIGITS:
        raise too_much("a number", MAX_DIGITS, "bits")


def check_method(owner: Any, name: str, args: Sequence[Any]) -> Sequence[Any]:
    """Refuse a method of a text or number whose result would be too large; the arguments to call it with.

    Raises:
        TooMuch: It would be.
    """
    if isinstance(owner, int) and name == "to_bytes":
        check_number(args[0] if args else 0)
    if not isinstance(owner, str | bytes):
        return args
    if name in ("center", "ljust", "rjust", "zfill"):
        check_number(args[0] if args else 0)
    elif name == "expandtabs":
        check_number(args[0] if args else 8)
        tab = "\t" if isinstance(owner, str) else b"\t"
        check_text(len(owner) + owner.count(tab) * int(args[0] if args else 8))  # type: ignore[arg-type]
    elif name == "replace" and len(args) >= 2:
        check_replacing(owner, *args[:2])
    elif name == "join" and args:
        return (bounded_list(args[0], len(owner)),)
    elif name == "translate" and args and isinstance(args[0], Mapping):
        longest = max((len(to) for to in args[0].values() if isinstance(to, str)), default=1)
        check_text(len(owner) * max(1, longest))
    elif name in ("split", "rsplit", "splitlines"):
        _check_pieces(owner, args[0] if args and name != "splitlines" else None)
    return args


def _check_pieces(text: str | bytes, separator: Any) -> None:
    if len(text) > MAX_ITEMS and (separator is None or text.count(separator) > MAX_ITEMS):
        check_items(len(text.split(separator, MAX_ITEMS + 1)))


def check_replacing(text: Any, old: Any, new: Any) -> None:
    """Refuse a replacement whose result would be too long.

    Raises:
        TooMuch: It would be.
    """
    if isinstance(text, str | bytes) and isinstance(old, type(text)) and isinstance(new, type(text)):
        check_text(len(text) + text.count(old) * len(new))  # type: ignore[arg-type]


def bounded_list(values: Any, n_between: int = 0) -> Any:
    """The values as a list, if what joins them is not too long.

    Raises:
        TooMuch: It is.
    """
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        return values
    items = list(islice(values, MAX_ITEMS + 1))
    weighed(items)
    check_text(len(items) * n_between + sum(len(one) for one in items if isinstance(one, str | bytes)))
    return items


def check_filter(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Sequence[Any]:
    """Refuse a filter or test whose result would be too large; the arguments to call it with.

    Raises:
        TooMuch: It would be.
    """
    if name in WEIGHED:
        for value in args:
            weighed(value)
    if name in _WITH_WIDTH:
        for value in (*args[1:], *kwargs.values()):
            check_number(value)
    if name in ("indent", "tojson", "pprint"):
        _check_indent(args[0], [*args[1:], *kwargs.values()])
    elif name == "sum" and not isinstance(kwargs.get("start", args[2] if len(args) > 2 else 0), int | float):
        raise TooMuch("it adds up other values than numbers; valid: numbers")
    elif name in ("list", "reverse", "wordcount", "urlize", "sort") and isinstance(args[0], str):
        check_text(len(args[0]), MAX_VALUE // 4)
    return _check_texts(name, args, kwargs)


def _check_texts(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Sequence[Any]:
    """The part of `check_filter` that is of filters which put texts together."""
    if name in ("wordwrap", "urlize") and isinstance(args[0], str):  # texts that are repeated with each word
        given = sum(len(one) for one in (*args[1:], *kwargs.values()) if isinstance(one, str))
        check_text(len(args[0]) + len(args[0]) // 2 * given)
    elif name == "replace" and len(args) >= 3:
        check_replacing(args[0], *args[1:3])
    elif name == "format":
        check_format(str(args[0]), (*args[1:], *kwargs.values()))
    elif name == "join":
        between = args[1] if len(args) > 1 else kwargs.get("d", "")
        return (bounded_list(args[0], len(between) if isinstance(between, str) else 0), *args[1:])
    return args


def _check_indent(value: Any, widths: Sequence[Any]) -> None:
    width = max((len(one) if isinstance(one, str) else one for one in widths if isinstance(one, str | int)), default=0)
    if width > 100:
        check_text((str(value).count("\n") + 1 if isinstance(value, str) else MAX_ITEMS) * width)
