"""Records of JSON files that are an array of objects, or an object around one; its objects are decoded one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.samples.rows import FieldFault, Record, describe, faulty
from icon.samples.sources._json_window import Window
from icon.samples.streams import reading

_OF_RECORDS = frozenset(
    ("messages", "conversations", "conversation", "prompt", "completion", "chosen", "rejected", "tools", "functions")
)
"""Fields of a record that are lists of objects, so a list of that name is no list of records."""


def read_array(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per element; the file is read piece by piece.

    Where the file is an object of which one field is a list of objects, as in {"data": [{...}, {...}]}, that list is
    the array; its other fields are left out. Which one it is turns out at the file's end, so it is read twice.

    Raises:
        InputError: The file is not UTF-8, not JSON, or neither an array nor such an object; or an element is longer
            than `limit` characters. After a syntax error the elements cannot be distinguished, so it ends the reading;
            in JSON Lines it would cost one row.
    """
    with reading(path) as stream:
        text = Window(path, stream, limit)
        sign = text.sign()
        if sign == "[":
            yield from _records(path, text)
            if text.sign():
                raise InputError(f"{path}: found more text after the array, at {text.place()}; valid: one array")
            return
        if sign != "{":
            found = f"{text.start(20)!r} at the beginning" if sign else "an empty file"
            raise InputError(f"{path}: found {found}; valid: an array of objects, [{{...}}, {{...}}]")
        number = _wrapped(path, text)
    with reading(path) as stream:
        text = Window(path, stream, limit)
        text.sign()
        for field, _ in enumerate(_fields(path, text)):
            if field == number:
                yield from _records(path, text)
                return
            _pass_over(path, text)


def _records(path: Path, text: Window) -> Iterator[Record]:
    for row, (value, size) in enumerate(_elements(path, text)):
        where = f"row {row}"
        if isinstance(value, dict):
            yield Record(row, where, value, size=size)
        else:
            yield faulty(row, where, FieldFault("", describe(value), "a JSON object"))


def _elements(path: Path, text: Window) -> Iterator[tuple[Any, int]]:
    """Each element of the array that begins here, with its length."""
    text.take()
    row = 0
    while text.sign() != "]":
        if row:
            _expect(path, text, ",", "]", f"row {row - 1}")
        yield text.value(f"row {row}")
        row += 1
    text.take()


def _fields(path: Path, text: Window) -> Iterator[str]:
    """The name of each field of the object that begins here; the caller takes the value."""
    text.take()
    is_first = True
    while text.sign() != "}":
        if not is_first:
            _expect(path, text, ",", "}", "a field")
        name, _ = text.value("a field's name")
        _expect(path, text, ":", "", f"the name {str(name)[:80]!r}")
        text.sign()
        yield str(name)
        is_first = False
    text.take()


def _pass_over(path: Path, text: Window, name: str = "") -> str:
    """Pass over a value; if it is a list, the first sign of its elements, else an empty text."""
    if text.sign() != "[":
        text.value(f"field {name[:80]!r}")
        return ""
    first = ""
    for value, _ in _elements(path, text):
        first = first or ("{" if isinstance(value, dict) else "?")
    return first or "]"


def _wrapped(path: Path, text: Window) -> int:
    """The number of the one field that is a list of objects, within the object that is the whole file.

    Raises:
        InputError: There is none, or several; or the file goes on after the object, as JSON Lines do.
    """
    lists: dict[str, int] = {}
    empty: list[str] = []
    for number, name in enumerate(_fields(path, text)):
        first = _pass_over(path, text, name)
        if name not in _OF_RECORDS and first == "]":
            empty.append(name)
        elif name not in _OF_RECORDS and first == "{":
            lists[name] = number
    valid = 'an array of objects, [{...}, {...}], or an object with one such array, {"data": [{...}]}'
    if text.sign():
        found = "objects without an array around them (if this is JSON Lines, name the file .jsonl)"
        raise InputError(f"{path}: found {found}; valid: {valid}")
    if len(lists) != 1:
        raise InputError(f"{path}: found {_no_list(lists, empty)}; valid: {valid}")
    return lists.popitem()[1]


def _no_list(lists: Collection[str], empty: Sequence[str]) -> str:
    """An object that has not one list of objects, in words."""
    if lists:
        return f"an object with {len(lists)} of them ({', '.join(lists)[:300]})"
    if empty:
        several = len(empty) > 1
        return f"an object whose list{'s'[:several]} ({', '.join(empty)[:300]}) {'are' if several else 'is'} empty"
    return "an object"


def _expect(path: Path, text: Window, sign: str, end: str, after: str) -> None:
    """Pass over the sign, which is the only valid one here beside `end`."""
    found = text.sign()
    if found == sign:
        text.take()
        return
    shown = repr(found) if found else "the end of the file (is it cut off?)"
    valid = " or ".join(repr(valid) for valid in (sign, end) if valid)
    raise InputError(f"{path}: after {after}: found {shown} at {text.place()}; valid: {valid}")
