"""A JSON file that is one array of objects, decoded element by element."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icon.errors import InputError
from icon.samples.fields import describe
from icon.samples.rows import FieldFault, Record, faulty
from icon.samples.streams import reading

_SPACE = re.compile(r"[ \t\r\n]*")


def read(path: Path, limit: int) -> Iterator[Record]:
    """Yield a record an element; the file's text is in memory, its objects one at a time (so `limit` has no use here).

    Raises:
        InputError: The file is not UTF-8, not JSON, or no array. Behind a syntax error nothing can be told apart, so
            it ends the reading; as JSON Lines the same file would lose one row.
    """
    text = _text(path)
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise InputError(f"{path}: found {_opening(text, at)}; valid: an array of objects, [{{...}}, {{...}}]")
    at = _skip(text, at + 1)
    row = 0
    while text[at : at + 1] != "]":
        if row:
            at = _skip(text, _expect(path, text, at, ",", row))
        value, at = _decode(path, text, at, row)
        yield _record(row, value)
        at = _skip(text, at)
        row += 1
    if _skip(text, at + 1) != len(text):
        raise InputError(f"{path}: found more text behind the array, at {_place(text, at + 1)}; valid: one array")


def _record(row: int, value: Any) -> Record:
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


def _decode(path: Path, text: str, at: int, row: int) -> tuple[Any, int]:
    try:
        return json.JSONDecoder().raw_decode(text, at)
    except json.JSONDecodeError as error:
        found = f"invalid JSON, {error.msg} at line {error.lineno} column {error.colno}"
    except RecursionError:
        found = "JSON that is nested too deeply"
    except ValueError:
        found = "a whole number of more than 4,300 digits"
    raise InputError(f"{path}: row {row}: found {found}; valid: an array of objects")


def _expect(path: Path, text: str, at: int, sign: str, row: int) -> int:
    if text[at : at + 1] == sign:
        return at + 1
    found = repr(text[at]) if at < len(text) else "the end of the file (is it cut off?)"
    raise InputError(f"{path}: behind row {row - 1}: found {found} at {_place(text, at)}; valid: {sign!r} or ']'")


def _opening(text: str, at: int) -> str:
    if text[at : at + 1] != "{":
        return f"{text[at : at + 20]!r} at the beginning" if at < len(text) else "an empty file"
    first = text[at:].partition("\n")[0]
    if first.rstrip().endswith("}"):
        return "objects without an array around them (if this is JSON Lines, name the file .jsonl)"
    return "an object"


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # the pattern matches the empty string
    return found.end()


def _place(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1} column {at - text.rfind(chr(10), 0, at)}"
