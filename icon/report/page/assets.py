"""The page's own scripts and style sheet, and plotly's script, as texts."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

STYLES = ("base.css", "layout.css", "charts.css", "table.css", "forced_colours.css", "print.css")
SCRIPTS = (
    "dom.js",
    "data.js",
    "theme.js",
    "plots.js",
    "plot_looks.js",
    "threshold.js",
    "kept.js",
    "cut_chart.js",
    "cut_handle.js",
    "length_chart.js",
    "heat_map.js",
    "similarity_map.js",
    "difficulty_chart.js",
    "certainty_chart.js",
    "tokens.js",
    "row_detail.js",
    "sample_table.js",
    "short_lists.js",
    "search.js",
    "all_rows.js",
    "row_pages.js",
    "main.js",
)
"""In this order they are one script; a function may be used before its file."""


@cache
def style() -> str:
    """The style sheet."""
    return "\n".join(_asset(name) for name in STYLES)


@cache
def script() -> str:
    """The page's own script, in a scope of its own."""
    return '(() => {\n"use strict";\n' + "\n".join(_asset(name) for name in SCRIPTS) + "\n})();\n"


@cache
def plotly() -> str:
    """plotly.js, as the installed package brings it."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def source_hash(text: str) -> str:
    """An inline script's hash as a content security policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def policy() -> str:
    """The content security policy: nothing is loaded, and no script runs but these two, plotly's when it is needed.

    plotly sets styles of its own, and draws a density as an image from a data: address.
    """
    hashes = f"{source_hash(plotly())} {source_hash(script())}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {hashes}",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _asset(name: str) -> str:
    return files("icon.report.page").joinpath("assets", name).read_text(encoding="utf-8")
