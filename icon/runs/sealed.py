"""JSON files and lines with a checksum of their own content, for what a run keeps beside the files of run.json."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from icon._small_files import MAX_RUN, parse_json
from icon.errors import RunError
from icon.runs.checksums import is_whole, sealed
from icon.runs.regular import open_regular
from icon.runs.writing import write_bytes

LINE_DIGITS = 16
"""Hex digits of the checksum of a line."""


def read_bounded(path: Path, most: int = MAX_RUN) -> bytes:
    """The bytes of a file; a pipe is not waited for.

    Raises:
        OSError: It cannot be read, is no file, or has more bytes than `most`.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"found more than {most:,} bytes; valid: a file of at most that", str(path))
    return data


def write_sealed(path: Path, data: Mapping[str, Any]) -> str:
    """Write an object as a JSON file with its checksum in the field `checksum`, whole or not at all.

    Returns:
        The checksum.
    """
    whole = sealed(data)
    write_bytes(path, (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
    return str(whole["checksum"])


def read_sealed(path: Path, advice: str) -> dict[str, Any]:
    """The object of a JSON file, its checksum included; a file that an older version wrote has none.

    Args:
        path: The file.
        advice: What the user can do about a damaged one, for the message.

    Raises:
        RunError: It cannot be read, holds something else, or does not fit its checksum.
    """
    try:
        data = parse_json(read_bounded(path))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}); {advice}") from None
    if not isinstance(data, dict):
        raise RunError(f"{path}: found {type(data).__name__}; valid: an object of JSON. {advice}")
    if not is_whole(data):
        raise RunError(f"{path}: damaged, or changed by hand: its content does not fit its checksum; {advice}")
    return data


def sealed_line(values: Sequence[str]) -> str:
    """Texts as a line of JSON that ends with their checksum."""
    return json.dumps([*values, _checksum(values)])


def opened_line(line: str, count: int) -> list[str] | None:
    """The texts of a line; None where it is cut off or damaged.

    Args:
        line: The line.
        count: Number of its texts; a line of an older version has no checksum after them.
    """
    try:
        values = parse_json(line)
    except ValueError:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    if len(values) == count:
        return values
    return values[:-1] if len(values) == count + 1 and values[-1] == _checksum(values[:-1]) else None


def _checksum(values: Sequence[str]) -> str:
    return sha256(json.dumps([*values]).encode()).hexdigest()[:LINE_DIGITS]
