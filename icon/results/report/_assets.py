"""Parts of the page: its scripts and styles, the scripts of the chart library, and blocks of JSON data."""

from __future__ import annotations

import gzip
import json
import math
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from icon.visible import visible

Block = dict[str, Any]
"""Data of the page at its JSON border: what a data block holds, under the names that the page's scripts read."""

STYLES = ("base.css", "layout.css", "charts.css", "table.css", "forced_colours.css", "print.css")

SCRIPTS = (
    "dom.js",
    "data.js",
    "theme.js",
    "plots.js",
    "threshold.js",
    "kept.js",
    "cut.js",
    "candidate_charts.js",
    "share_charts.js",
    "tokens.js",
    "row_detail.js",
    "sample_table.js",
    "choices.js",
    "search.js",
    "all_rows.js",
    "row_pages.js",
    "main.js",
)
"""In this order they are one script; a function may be used before its file."""

VENDORED = ("d3.min.js", "plot.umd.min.js")
"""Scripts of others, unchanged, in the order in which they run; assets/vendor/vendored.json says where from."""

UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@cache
def style() -> str:
    """The style sheet."""
    return "\n".join(_asset(name) for name in STYLES)


@cache
def script() -> str:
    """The page's own script, in a scope of its own."""
    return '(() => {\n"use strict";\n' + "\n".join(_asset(name) for name in SCRIPTS) + "\n})();\n"


@cache
def vendored() -> list[str]:
    """The scripts of the chart library, as they were published."""
    return [_asset(f"vendor/{name}") for name in VENDORED]


@cache
def licences() -> str:
    """The licences of these scripts, which go with every copy of them."""
    texts = [f"{name}:\n{_asset('vendor/' + name.partition('.')[0] + '.LICENSE').strip()}" for name in VENDORED]
    return "\n\n".join(texts)


def source_hash(text: str) -> str:
    """An inline script's hash as a content security policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def policy() -> str:
    """The content security policy: nothing is loaded, no text is evaluated, and no script runs but these.

    Charts have styles of their own, as attributes and as style elements.
    """
    hashes = " ".join(source_hash(text) for text in (*vendored(), script()))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {hashes}",
            "style-src 'unsafe-inline'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _asset(name: str) -> str:
    return files("icon.results.report").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")


def seen(value: Any) -> Any:
    """A value of JSON whose texts are made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {seen(name): seen(item) for name, item in value.items()}
    return [seen(item) for item in value] if isinstance(value, list | tuple) else value


def json_text(value: Any) -> str:
    """JSON of visible texts, without any character that could end a script element or begin a comment in it.

    Raises:
        ValueError: A number is not finite.
    """
    text = json.dumps(seen(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in UNSAFE.items():
        text = text.replace(character, escape)
    return text


def json_block(name: str, value: Any) -> Markup:
    """A data block that is read as it is. `name` is ours and never from data."""
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
