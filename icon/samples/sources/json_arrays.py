"""Records of JSON files that are an array of objects, or an object around one; its objects are decoded one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.samples.rows import FieldFault, Record, describe, faulty
from icon.samples.streams import reading

_SPACE = re.compile(r"[ \t\r\n]*")

_OF_RECORDS = frozenset(
    ("messages", "conversations", "conversation", "prompt", "completion", "chosen", "rejected", "tools", "functions")
)
"""Fields of a record that are lists of objects, so a list of that name is no list of records."""


def read_array(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per element; the text is in memory, its objects one at a time (so `limit` is unused).

    Where the file is an object of which one field is a list of objects, as in {"data": [{...}, {...}]}, that list is
    the array; its other fields are left out.

    Raises:
        InputError: The file is not UTF-8, not JSON, or neither an array nor such an object. After a syntax error the
            elements cannot be distinguished, so it ends the reading; in JSON Lines it would cost one row.
    """
    text = _text(path)
    at = _skip(text, 0)
    wrapped = text[at : at + 1] == "{"
    if wrapped:
        at = _wrapped(path, text, at)
    elif text[at : at + 1] != "[":
        found = f"{text[at : at + 20]!r} at the beginning" if at < len(text) else "an empty file"
        raise InputError(f"{path}: found {found}; valid: an array of objects, [{{...}}, {{...}}]")
    for row, (value, end) in enumerate(_elements(path, text, at)):
        if value is not _END:
            yield _element(row, value)
        elif not wrapped and _skip(text, end) != len(text):
            raise InputError(f"{path}: found more text after the array, at {_place(text, end)}; valid: one array")


_END = object()
"""Stands for the end of an array."""


def _elements(path: Path, text: str, at: int) -> Iterator[tuple[Any, int]]:
    """Each element of the array that begins at the place, with the place after it; at last `_END`."""
    at = _skip(text, at + 1)
    row = 0
    while text[at : at + 1] != "]":
        if row:
            at = _skip(text, _expect(path, text, at, ",", "]", f"row {row - 1}"))
        value, at = _decode(path, text, at, f"row {row}")
        yield value, at
        at = _skip(text, at)
        row += 1
    yield _END, at + 1


def _wrapped(path: Path, text: str, start: int) -> int:
    """The place of the one list of objects within the object that is the whole file.

    Raises:
        InputError: There is none, or several; or the file goes on after the object, as JSON Lines do.
    """
    lists: dict[str, int] = {}
    empty: list[str] = []
    at, is_first = _skip(text, start + 1), True
    while text[at : at + 1] != "}":
        name, at = _name(path, text, at, is_first=is_first)
        inner = _skip(text, at + 1)
        if name not in _OF_RECORDS and text[at : at + 1] == "[" and text[inner : inner + 1] == "]":
            empty.append(name)
        if name not in _OF_RECORDS and text[at : at + 1] == "[" and text[inner : inner + 1] == "{":
            lists[name] = at
            for _, end in _elements(path, text, at):  # noqa: B007 (the last one is the end of the list)
                pass
            at = end
        else:
            _, at = _decode(path, text, at, f"field {name!r}")
        at, is_first = _skip(text, at), False
    valid = 'an array of objects, [{...}, {...}], or an object with one such array, {"data": [{...}]}'
    if _skip(text, at + 1) != len(text):
        found = "objects without an array around them (if this is JSON Lines, name the file .jsonl)"
        raise InputError(f"{path}: found {found}; valid: {valid}")
    if len(lists) != 1:
        raise InputError(f"{path}: found {_no_list(lists, empty)}; valid: {valid}")
    return lists.popitem()[1]


def _no_list(lists: Collection[str], empty: Sequence[str]) -> str:
    """An object that has not one list of objects, in words."""
    if lists:
        return f"an object with {len(lists)} of them ({', '.join(lists)})"
    if empty:
        return f"an object whose list{'s'[: len(empty) > 1]} ({', '.join(empty)}) {'are' if empty[1:] else 'is'} empty"
    return "an object"


def _name(path: Path, text: str, at: int, *, is_first: bool) -> tuple[str, int]:
    """The name of an object's next field, and the place where its value begins."""
    if not is_first:
        at = _skip(text, _expect(path, text, at, ",", "}", "a field"))
    name, at = _decode(path, text, at, "a field's name")
    return str(name), _skip(text, _expect(path, text, _skip(text, at), ":", "", f"the name {name!r}"))


def _element(row: int, value: Any) -> Record:
    where = f"row {row}"
    if isinstance(value, dict):
        return Record(row, where, value)
    return faulty(row, where, FieldFault("", describe(value), "a JSON object"))


def _text(path: Path) -> str:
    with reading(path) as stream:
        data = stream.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found bytes that are not UTF-8 at byte offset {error.start}; valid: UTF-8") from None


def _decode(path: Path, text: str, at: int, where: str) -> tuple[Any, int]:
    try:
        return json.JSONDecoder().raw_decode(text, at)
    except json.JSONDecodeError as error:
        found = f"invalid JSON, {error.msg} at line {error.lineno} column {error.colno}"
    except RecursionError:
        found = "JSON that is nested too deeply"
    except ValueError:
        found = "a whole number of more than 4,300 digits"
    raise InputError(f"{path}: {where}: found {found}; valid: an array of objects")


def _expect(path: Path, text: str, at: int, sign: str, end: str, after: str) -> int:
    """The place after the sign, which is the only valid one there beside `end`."""
    if text[at : at + 1] == sign:
        return at + 1
    found = repr(text[at]) if at < len(text) else "the end of the file (is it cut off?)"
    valid = " or ".join(repr(valid) for valid in (sign, end) if valid)
    raise InputError(f"{path}: after {after}: found {found} at {_place(text, at)}; valid: {valid}")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # the pattern matches the empty string
    return found.end()


def _place(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1} column {at - text.rfind(chr(10), 0, at)}"
