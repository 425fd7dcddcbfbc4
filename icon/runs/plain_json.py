"""Values of any format as JSON that every parser reads."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from typing import Any


def to_json(value: Any) -> bytes:
    """One line of UTF-8 JSON.

    What JSON has no form for becomes the nearest that it has: bytes are base64, dates and the like their text, NaN and
    infinities null, and a lone surrogate its escape.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_other)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=_other)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text)).encode()


def printable(text: str) -> str:
    """Text that can be stored as UTF-8: a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _other(value: Any) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
