"""Records of JSON Lines, one object per line, decoded one by one."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from icon.errors import InputError
from icon.samples.bounds import check_values
from icon.samples.rows import FieldFault, Record, describe, faulty
from icon.samples.streams import reading


def read_lines(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per line that is not blank; lines are counted from 1, including blank ones.

    Raises:
        InputError: The file cannot be read, is truncated, or is UTF-16.
    """
    row = number = 0
    with reading(path) as stream:
        for line in _lines(stream, limit):
            number += 1
            if number == 1 and line is not None:
                line = _without_bom(path, line)
            if line is not None and not line.strip():
                number += _pass_over_blanks(stream)
                continue
            yield _record(row, f"line {number}", line, limit)
            row += 1


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in the bytes.

    Raises:
        FieldFault: They are not UTF-8, not JSON, not an object, or hold more values than a row may have.
    """
    check_values(raw)
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
        return Record(row, where, parse_object(line), line, size=len(line))
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


def _pass_over_blanks(stream: BinaryIO) -> int:
    """Pass over the blank lines that come next, a buffer at a time; how many there were."""
    n_lines = 0
    while ahead := cast(BufferedReader, stream).peek():
        blanks = ahead[: len(ahead) - len(ahead.lstrip())]
        n_lines += blanks.count(b"\n")
        whole = blanks.rfind(b"\n") + 1
        stream.read(whole)
        if whole < len(ahead):
            break
    return n_lines


def _without_bom(path: Path, line: bytes) -> bytes:
    if line.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise InputError(f"{path}: found UTF-16 text; valid: UTF-8; save the file again as UTF-8")
    return line.removeprefix(BOM_UTF8)
