r"""Foreign texts made visible: what would steer a terminal, reorder a line or hide in it is shown as its escape.

One rule for all that people look at: the terminal, the report's page, the card of a data set, a CSV for a spreadsheet.
Files of records (JSON Lines, Parquet) keep every character. An escape is `\u` and four hexadecimal digits, `\U` and
eight beyond U+FFFF; a text that holds these letters itself looks the same, since the escape is for eyes only.

Escaped are, by general category (Unicode 16):

- Cc, control characters, but for tabs, line feeds, and carriage returns right before a line feed.
- Cf, format characters, all that order text in both directions among them. Seen ones stay, such as U+06DD, ARABIC END
  OF AYAH. Those that honest texts need stay where they need them, see `icon/_joined.py`.
- Zl and Zp, the line and paragraph separators; Cs, lone surrogates; noncharacters, which no text may hold.
- Other characters that are drawn as nothing at all (Default_Ignorable_Code_Point), by the same rule as Cf.
- Of combining marks, those after the eighth on one character: they are drawn over other lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from icon._joined import JOINER, is_needed

__all__ = ["JOINER", "escape", "visible", "visible_json", "visible_line"]

MOST_MARKS = 8
"""Combining marks that one character keeps; Hebrew and Tibetan texts need up to five."""

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
"""A flag of a region, such as Scotland's: a black flag, the region in tag characters, and the one that ends them."""

_NO_CHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))

_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # Cc
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

_UNSEEN_OR_WHOLE = re.compile(f"{_FLAG}|\r\n|[{_UNSEEN}{_NO_CHARACTERS}]")
"""What is not seen; the longer ones are wholes that stay."""

_ASCII_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
"""The same of a text in ASCII, where it is found ten times as fast."""

_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1},}}")
"""Where so many combining marks could stand together: they are neither letters nor spaces."""

Escape = Callable[[str], str]
"""Gives the escape of one character."""


def visible(text: str, kept: str = "") -> str:
    r"""The text as people may see it: line breaks and tabs stay, what is not seen is escaped.

    Args:
        text: Any text.
        kept: Characters that stay nevertheless.
    """
    return _with_escapes(text, escape, kept) if _may_hide(text) else text


def visible_json(text: str) -> str:
    r"""JSON as text with the same characters as escapes of JSON, so that it still reads as the same values."""
    return _with_escapes(text, _json_escape, "") if _may_hide(text) else text


def visible_line(text: str) -> str:
    r"""The text on one line, line breaks and tabs escaped, too: for names of files."""
    return re.sub(r"[\r\n\t]", lambda match: escape(match[0]), visible(text))


def escape(character: str) -> str:
    r"""The escape of a character, such as `\u202e`."""
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _may_hide(text: str) -> bool:
    return not text.isascii() or _ASCII_UNSEEN.search(text) is not None


def _with_escapes(text: str, escaped: Escape, kept: str) -> str:
    def shown(match: re.Match[str]) -> str:
        found = match[0]
        if len(found) > 1 or found in kept or is_needed(match.string, match.start()):
            return found
        return escaped(found)

    seen = _UNSEEN_OR_WHOLE.sub(shown, text)
    return _MANY_MARKS.sub(lambda match: _with_few_marks(match[0], escaped), seen)


def _with_few_marks(text: str, escaped: Escape) -> str:
    shown, marks = list[str](), 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(escaped(character) if marks > MOST_MARKS else character)
    return "".join(shown)
