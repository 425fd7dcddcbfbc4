"""Records of JSON Lines, one object per line, decoded one by one."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from icon.errors import InputError
from icon.samples.bounds import check_values
from icon.samples.rows import FieldFault, Record, describe, faulty
from icon.samples.streams import COMPRESSED, reading


def read_lines(path: Path, limit: int) -> Iterator[Record]:
    """Yield one record per line that is not blank; lines are counted from 1, including blank ones.

    Raises:
        InputError: The file cannot be read, is truncated, or is UTF-16.
    """
    can_seek = path.suffix.lower() not in COMPRESSED
    for row, number, line, start in _placed_lines(path, limit):
        yield _record(row, f"line {number}", line, limit, start if can_seek else -1)


class Line:
    """A line of JSON with what a copy of its record needs; it is parsed when its fields are asked for.

    Args:
        row: Zero-based number of the record in its source.
        raw: The bytes of the line; None where it is too long to be kept.
    """

    __slots__ = ("raw", "row")

    def __init__(self, row: int, raw: bytes | None) -> None:
        self.row, self.raw = row, raw

    @property
    def fields(self) -> dict[str, Any] | None:
        """The parsed object; None where it could not be read."""
        try:
            return None if self.raw is None else parse_object(self.raw)
        except FieldFault:
            return None


def read_unparsed(path: Path, limit: int, first: int = 0) -> Iterator[Line]:
    """The same lines, unparsed, counted from `first`.

    Raises:
        InputError: As `read_lines`.
    """
    return (Line(first + row, line) for row, _, line, _ in _placed_lines(path, limit))


def _placed_lines(path: Path, limit: int) -> Iterator[tuple[int, int, bytes | None, int]]:
    """Row, number of the line, content and first byte of every line that is not blank; see `read_lines`."""
    row = number = end = 0
    with reading(path) as stream:
        for line, n_bytes in _lines(stream, limit):
            number, start, end = number + 1, end, end + n_bytes
            if number == 1 and line is not None:
                line = _without_bom(path, line)
            if line is not None and not line.strip():
                blank_lines, n_bytes = _pass_over_blanks(stream)
                number, end = number + blank_lines, end + n_bytes
                continue
            yield row, number, line, start
            row += 1


def read_at(path: Path, places: Iterable[tuple[int, int]], limit: int) -> Iterator[Record]:
    """The records that begin at these bytes of a file that is not compressed.

    Args:
        path: The file.
        places: Row and byte of each; quickest in their order.
        limit: Longest line.

    Raises:
        InputError: The file cannot be read.
    """
    end = -1
    with reading(path) as stream:
        for row, offset in places:
            if offset != end:
                stream.seek(offset)
            line, n_bytes = next(_lines(stream, limit), (b"", 0))
            end = offset + n_bytes
            if not offset and line is not None:
                line = _without_bom(path, line)
            yield _record(row, f"byte {offset}", line, limit, offset)


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


def _record(row: int, where: str, line: bytes | None, limit: int, offset: int) -> Record:
    if line is None:
        fault = FieldFault("", f"a line of more than {limit:,} bytes", f"at most {limit:,} bytes")
        return faulty(row, where, fault, offset=offset)
    try:
        return Record(row, where, parse_object(line), line, size=len(line), offset=offset)
    except FieldFault as fault:
        return faulty(row, where, fault, line, offset)


def _lines(stream: BinaryIO, limit: int) -> Iterator[tuple[bytes | None, int]]:
    """Each line without its ending, and its bytes; None for a line that is too long, which is skipped in pieces."""
    while line := stream.readline(limit + 2):
        n_bytes = len(line)
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        elif n_bytes > limit:
            while rest := stream.readline(limit + 2):
                n_bytes += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield line if len(line) <= limit else None, n_bytes


def _pass_over_blanks(stream: BinaryIO) -> tuple[int, int]:
    """Pass over the blank lines that come next, a buffer at a time; how many there were, and their bytes."""
    n_lines = n_bytes = 0
    while ahead := cast(BufferedReader, stream).peek():
        blanks = ahead[: len(ahead) - len(ahead.lstrip())]
        n_lines += blanks.count(b"\n")
        whole = blanks.rfind(b"\n") + 1
        n_bytes += whole
        stream.read(whole)
        if whole < len(ahead):
            break
    return n_lines, n_bytes


def _without_bom(path: Path, line: bytes) -> bytes:
    if line.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise InputError(f"{path}: found UTF-16 text; valid: UTF-8; save the file again as UTF-8")
    return line.removeprefix(BOM_UTF8)
