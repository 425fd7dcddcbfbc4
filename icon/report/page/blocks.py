"""Data inside the page: JSON that no HTML parser takes for markup, and compressed blocks of it."""

from __future__ import annotations

import gzip
import json
import math
from base64 import b64encode
from typing import Any

from markupsafe import Markup

UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_text(value: Any) -> str:
    """JSON without any character that could end a script element or begin a comment in it.

    Raises:
        ValueError: A number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in UNSAFE.items():
        text = text.replace(character, escape)
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate becomes its JSON escape


def json_block(name: str, value: Any) -> Markup:
    """A data block that is read as it stands. `name` is ours and never from data."""
    return Markup(f'<script type="application/json" id="{name}">{json_text(value)}</script>')


def packed(value: Any) -> str:
    """JSON, compressed, as base64: letters, digits, +, / and = alone. The same value gives the same text."""
    return b64encode(gzip.compress(json_text(value).encode(), compresslevel=6, mtime=0)).decode()


def packed_block(name: str, content: str) -> Markup:
    """A data block that is decompressed when it is asked for."""
    return Markup(f'<script type="text/plain" id="{name}">{content}</script>')


def short(value: float | None, digits: int = 6) -> float | None:
    """A number to so many significant digits, which is what a page needs; None for none and for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")
