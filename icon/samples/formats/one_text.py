"""`text`: records of one text, prompt and response together, as trainers with a template of their own have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import holds
from icon.samples.formats._conversations import conversation_samples
from icon.samples.formats._markups import MARKUPS
from icon.samples.making import make_sample, single_turn
from icon.samples.rows import FieldFault, required_text
from icon.types import Sample

FIELD = "text"


class OneText:
    """Reader of a text with marks of turns in it, such as ChatML's, or with one mark before its response.

    Args:
        response_after: The mark before the response; None to find the turns by the marks of a known markup.
    """

    name = FIELD
    summary = "text: one text with the marks of turns in it, or with a mark before the response (--response-after)"
    is_fallback = True

    def __init__(self, response_after: str | None = None) -> None:
        self._mark = response_after

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a text with such marks."""
        text = record.get(FIELD)
        if not isinstance(text, str):
            return False
        return self._mark in text if self._mark else any(markup.fits(text) for markup in MARKUPS)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The sample of the last answer, or of every one; with a mark, of what follows its last place.

        Raises:
            FieldFault: There is no such mark, or nothing before or after it.
        """
        text = required_text(record, FIELD)
        if self._mark is not None:
            return [self._split(record, row, text, self._mark)]
        markup = next((markup for markup in MARKUPS if markup.fits(text)), None)
        if markup is None:
            names = ", ".join(markup.name for markup in MARKUPS)
            raise FieldFault(
                FIELD,
                "a text without marks of turns",
                f"those of {names}; or the mark before the response: --response-after TEXT",
            )
        return conversation_samples(record, row, FIELD, markup.turns(text, FIELD), every_turn=every_turn)

    @staticmethod
    def _split(record: Mapping[str, Any], row: int, text: str, mark: str) -> Sample:
        """The text up to the mark, and the white space behind it, as a finished prompt, and the rest as response."""
        before, found, after = text.rpartition(mark)
        response = after.lstrip()
        if not found:
            raise FieldFault(FIELD, f"a text without {mark[:80]!r}", "the mark before the response (--response-after)")
        if not holds(response) or not before.strip():
            found = "nothing behind" if before.strip() else "nothing before"
            raise FieldFault(FIELD, f"{found} the mark {mark[:80]!r}", "a prompt, the mark and a response")
        prompt = text[: len(text) - len(response)]
        return make_sample(record, row, single_turn(prompt), response, rendered=True)
