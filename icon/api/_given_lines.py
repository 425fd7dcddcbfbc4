"""Records that are dicts, written as JSON Lines: one object per line, as they are."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from icon.errors import InputError

VALID = (
    "text, finite numbers, True, False, None (for what is missing), and lists and dicts of them; a Dataset or a "
    "DataFrame keeps others"
)


def write_lines(file: BinaryIO, records: Sequence[object]) -> None:
    """Write one JSON object per record. Numbers of numpy become plain ones, tuples lists.

    Raises:
        InputError: A record is no dict, or holds a value that JSON has no form for; the message names it.
    """
    for number, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise InputError(f"pool: record {number}: found {named(record)}; valid: a dict")
        if fault := _fault_of_names(record):
            raise InputError(f"pool: record {number}: found {fault}; valid: names of fields that are texts")
        for name, value in record.items():
            if fault := _fault(value):
                raise InputError(f"pool: record {number}, field {name!r}: found {fault}; valid: {VALID}")
        file.write(_line(record) + b"\n")


def named(value: object) -> str:
    """The type of a value, for a message."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _line(record: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(dict(record), ensure_ascii=False, default=_plain).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON holds as an escape
        return json.dumps(dict(record), default=_plain).encode()


def _plain(value: Any) -> Any:
    """A mapping that is no dict, or a number of numpy, as what JSON knows; `_fault` has seen to it that it is one."""
    return dict(value) if isinstance(value, Mapping) else value.item()


def _fault(value: object) -> str:
    """What of a value JSON has no form for; empty where it has one for all of it."""
    if value is None or isinstance(value, str | bool | int):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return _fault_of_names(value) or next(filter(None, map(_fault, value.values())), "")
    if isinstance(value, list | tuple):
        return next(filter(None, map(_fault, value)), "")
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        number = value.item()
        return named(value) if isinstance(number, numpy.generic | bytes) else _fault(number)
    return named(value)


def _fault_of_names(value: Mapping[Any, Any]) -> str:
    return next((f"the name {name!r}" for name in value if not isinstance(name, str)), "")
