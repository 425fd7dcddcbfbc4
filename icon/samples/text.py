"""Texts cut to a number of tokens, and split into words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

Side = Literal["start", "end"]

KEPT_SIDE: dict[str, Side] = {"demonstration": "start", "prompt": "end", "response": "start"}
"""The side of a text that truncation keeps: a prompt keeps its end, which leads into the response."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: written without spaces between words."""

_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")

_CHARACTER = re.compile(f"[{UNSPACED}]")


def cut_to_tokens(text: str, limit: int, count: Callable[[str], int], *, keep: Side) -> tuple[str, bool]:
    """The longest start (or end) of a text with at most `limit` tokens, and whether anything was cut.

    A binary search over characters, so the kept part is the user's own text, and its tokens are counted as they will
    be scored. One more character would exceed the limit. (Token counts can fall again as a text grows, so a still
    longer part may fit by chance; it is not searched for.)

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


def with_blank(prompt: str, response: str, tokenize: Callable[[str], Sequence[int]]) -> tuple[str, str]:
    """Prompt and response, with a blank at the prompt's end moved to the response where the tokenizer joins the two.

    Most vocabularies have words with the blank before them. After `Answer: ` such a model was trained on the token
    ` Paris`, never on a blank and `Paris`, so that is the first token of the response.

    Args:
        prompt: The prompt.
        response: The response.
        tokenize: Token ids of a text in the middle of a sequence.
    """
    if not prompt.endswith(" ") or not response or response[0].isspace():
        return prompt, response
    joined = list(tokenize(" " + response))
    if joined == [*tokenize(" "), *tokenize(response)]:
        return prompt, response
    return prompt[:-1], " " + response


def words(text: str, shortest: int = 1) -> list[str]:
    """The words of a text in lower case, in order; in a script without spaces each character is one.

    Args:
        text: Any text.
        shortest: Least number of letters of a word, unless it is such a character.
    """
    return [word for word in _WORD.findall(text.lower()) if len(word) >= shortest or _CHARACTER.match(word)]
