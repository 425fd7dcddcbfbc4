"""Where honest texts need a character that is not drawn itself: it shapes its neighbours, and these decide.

Sources: The Unicode Standard 16, chapters 9, 12, 13, 16, 18 and 23; Unicode Technical Standard 51 for emoji.
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH_SPACE, NON_JOINER, JOINER = "\u200b", "\u200c", "\u200d"

GRAPHEME_JOINER, VOWEL_SEPARATOR = "\u034f", "\u180e"

CONSONANT_FILLER, VOWEL_FILLER = "\u115f", "\u1160"

TEXT_STYLE, EMOJI_STYLE = "\ufe0e", "\ufe0f"

_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1c4f\u1cd0-\u1cff\ua800-\uaadf\uabc0-\uabff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
"""Scripts whose letters take another form beside a joiner or a non-joiner: Arabic, those of India, Mongolian, ..."""

_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9df]"
)
"""Scripts that mark the ends of words with a zero width space: Thai, Lao, Burmese, Khmer, ..."""

_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose between two drawings of the character before."""

_KEYS = "0123456789#*"

_PICTURES = range(0x1F000, 0x1FB00)
"""Blocks of emoji; Python may not know the newest of them."""


def is_needed(text: str, at: int) -> bool:
    """Whether the character that is not drawn has its honest use there.

    - A joiner or non-joiner: right after a letter or mark of a script that joins; a joiner also between two emoji.
    - A zero width space: between characters of scripts without spaces.
    - A variation selector: right after a character that is seen; of ASCII after keys (0-9, # and *) alone.
    - A combining grapheme joiner: between two combining marks.
    - Fillers of Hangul: beside the old letter for whose missing half they stand.
    - The vowel separator of Mongolian: between its letters.

    Args:
        text: A text.
        at: The place of the character in it.
    """
    character, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if not before and character != CONSONANT_FILLER:
        return False
    if character in (NON_JOINER, JOINER):
        return _joins(before) or (character == JOINER and _is_picture(before) and _is_picture(after))
    if character == ZERO_WIDTH_SPACE:
        return bool(_WITHOUT_SPACES.match(before) and _WITHOUT_SPACES.match(after))
    if _SELECTORS.match(character):
        return _has_variants(before, character)
    if character == GRAPHEME_JOINER:
        return _is_mark(before) and _is_mark(after)
    if character == VOWEL_FILLER:
        return "\u1100" <= before < CONSONANT_FILLER
    if character == CONSONANT_FILLER:
        return VOWEL_FILLER < after <= "\u11a7"
    return character == VOWEL_SEPARATOR and "\u1820" <= before <= "\u18aa" and "\u1820" <= after <= "\u18aa"


def _joins(before: str) -> bool:
    return bool(_JOINED.match(before)) and unicodedata.category(before)[0] in "LM"


def _is_picture(character: str) -> bool:
    if not character:
        return False
    return (
        character == EMOJI_STYLE
        or ord(character) in _PICTURES
        or (not character.isascii() and unicodedata.category(character) in ("So", "Sm"))
    )


def _has_variants(before: str, selector: str) -> bool:
    if before.isascii():
        return before in _KEYS and selector in (TEXT_STYLE, EMOJI_STYLE)
    return unicodedata.category(before)[0] in "LNPS" and before not in ("\u3164", "\uffa0", "\u115f", "\u1160")


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] == "M" and not _SELECTORS.match(character)
