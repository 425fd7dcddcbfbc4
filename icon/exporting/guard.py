"""Keeps text from being run as a formula by a spreadsheet."""

from __future__ import annotations

import unicodedata

STARTS = frozenset("=+-@\N{MINUS SIGN}")
BREAKS = frozenset("\t\r\n")
_PASSED_OVER = frozenset("\"'`\N{ACUTE ACCENT}\N{DOUBLE LOW-9 QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}")
_QUOTES_AND_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp", "Pi", "Pf")


def guarded(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could take it for a formula.

    That is where it begins with a tab or a line break, or where its first sign behind spaces, quotes and invisible
    signs is = + - @ or the same in another width.
    """
    if text[:1] in BREAKS and text:
        return "'" + text
    for sign in text:
        if sign in _PASSED_OVER or unicodedata.category(sign) in _QUOTES_AND_INVISIBLE:
            continue
        return "'" + text if unicodedata.normalize("NFKC", sign)[:1] in STARTS else text
    return text
