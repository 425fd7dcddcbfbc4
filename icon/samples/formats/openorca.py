"""`openorca`: {system_prompt?, question, response}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text, required_text
from icon.samples.formats.building import make_sample, single_turn
from icon.types import Sample


class OpenOrca:
    """OpenOrca's records."""

    name = "openorca"
    summary = "question, response and optionally system_prompt"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has a question and a response."""
        return "question" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field is missing, blank or no text.
        """
        messages = single_turn(required_text(record, "question"), optional_text(record, "system_prompt"))
        return [make_sample(record, row, messages, required_text(record, "response"))]
