"""Records of JSON files, one object per line or one array of objects, decoded one by one."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from icon.errors import InputError
from icon.samples.rows import FieldFault, Record, describe, faulty
from icon.samples.streams import reading

_SPACE = re.compile(r"[ \t\r\n]*")


def read_lines(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per line that is not blank; lines are counted from 1, including blank ones.

    Raises:
        InputError: The file cannot be read, is truncated, or is UTF-16.
    """
    row = 0
    with reading(path) as stream:
        for number, line in enumerate(_lines(stream, limit), start=1):
            if number == 1 and line is not None:
                line = _without_bom(path, line)
            if line is not None and not line.strip():
                continue
            yield _record(row, f"line {number}", line, limit)
            row += 1


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in the bytes.

    Raises:
        FieldFault: They are not UTF-8, not JSON, or not an object.
    """
    try:
        value = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x} at byte offset {error.start}, which is not UTF-8"
        raise FieldFault("", found, "UTF-8 text") from None
    except json.JSONDecodeError as error:
        cut = " (is it cut off?)" if error.pos >= len(error.doc.rstrip()) else ""
        found = f"invalid JSON, {error.msg} at character {error.pos + 1}{cut}"
        raise FieldFault("", found, "one JSON object per line") from None
    except RecursionError:
        raise FieldFault("", "JSON that is nested too deeply", "an object with a few levels") from None
    except ValueError:
        raise FieldFault("", "a whole number of more than 4,300 digits", "numbers of at most 4,300 digits") from None
    if not isinstance(value, dict):
        raise FieldFault("", describe(value), "a JSON object")
    return value


def _record(row: int, where: str, line: bytes | None, limit: int) -> Record:
    if line is None:
        return faulty(row, where, FieldFault("", f"a line of more than {limit:,} bytes", f"at most {limit:,} bytes"))
    try:
        return Record(row, where, parse_object(line), line)
    except FieldFault as fault:
        return faulty(row, where, fault, line)


def _lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Each line without its ending; None in place of one that is too long, which is skipped in pieces."""
    while line := stream.readline(limit + 2):
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        elif len(line) > limit:
            while (rest := stream.readline(limit + 2)) and not rest.endswith(b"\n"):
                pass
        yield line if len(line) <= limit else None


def _without_bom(path: Path, line: bytes) -> bytes:
    if line.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise InputError(f"{path}: found UTF-16 text; valid: UTF-8; save the file again as UTF-8")
    return line.removeprefix(BOM_UTF8)


def read_array(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per element; the text is in memory, its objects one at a time (so `limit` is unused).

    Raises:
        InputError: The file is not UTF-8, not JSON, or not an array. After a syntax error the elements cannot be
            distinguished, so it ends the reading; in JSON Lines it would cost one row.
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
        yield _element(row, value)
        at = _skip(text, at)
        row += 1
    if _skip(text, at + 1) != len(text):
        raise InputError(f"{path}: found more text after the array, at {_place(text, at + 1)}; valid: one array")


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
    raise InputError(f"{path}: after row {row - 1}: found {found} at {_place(text, at)}; valid: {sign!r} or ']'")


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
