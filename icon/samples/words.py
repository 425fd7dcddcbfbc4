"""Words of a text, in any script."""

from __future__ import annotations

import re

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: written without blanks between words."""
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
_CHARACTER = re.compile(f"[{UNSPACED}]")


def words(text: str, shortest: int = 1) -> list[str]:
    """The words in lower case, in their order; of a script written without blanks each character is one.

    Args:
        text: Any text.
        shortest: Letters that a word must have, if it is not such a character.
    """
    return [each for each in _WORD.findall(text.lower()) if len(each) >= shortest or _CHARACTER.match(each)]
