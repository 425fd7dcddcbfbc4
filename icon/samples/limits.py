"""Token limits kept without detokenising: a text is cut where its own characters allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Side = Literal["start", "end"]

KEPT_SIDE: dict[str, Side] = {"demonstration": "start", "prompt": "end", "response": "start"}
"""Which side of a text stays: a prompt keeps its end, which leads into the response."""


def cut_to_tokens(text: str, limit: int, count: Callable[[str], int], *, keep: Side) -> tuple[str, bool]:
    """The longest beginning (or end) of a text that has at most `limit` tokens, and whether anything was cut.

    A binary search over characters, so what is kept is the user's own text, and what is counted is what will be
    scored. One more character would exceed the limit. (Token counts can fall again as a text grows, so a piece yet
    longer may fit by chance; it is not looked for.)

    Args:
        text: The text to shorten.
        limit: The most tokens it may have.
        count: Number of tokens of a text.
        keep: Which side stays.

    Raises:
        ValueError: The limit is negative.
    """
    if limit < 0:
        raise ValueError(f"limit {limit}: valid: 0 or more")
    if count(text) <= limit:
        return text, False
    fits, exceeds = 0, len(text)
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        if count(_side(text, middle, keep)) <= limit:
            fits = middle
        else:
            exceeds = middle
    return _side(text, fits, keep), True


def _side(text: str, length: int, keep: Side) -> str:
    return text[:length] if keep == "start" else text[len(text) - length :]
