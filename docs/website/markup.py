"""Text from the code as Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence


def plain(text: str) -> str:
    """Text that means itself in a table: no markup but what stands between backticks, where a pipe is one."""
    pieces = re.split(r"(`[^`]+`)", " ".join(text.split()))
    shown = [
        each if n % 2 else re.sub(r"([*_\[\]|])", r"\\\1", html.escape(each, False)) for n, each in enumerate(pieces)
    ]
    return "".join(shown)


def code(text: str) -> str:
    """Text as code in a table."""
    return f"`{text}`" if text else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines) + "\n"
