"""`dolly`: {instruction, context?, response, category?}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text, required_text
from icon.samples.formats.building import make_sample, single_turn
from icon.types import Sample


class Dolly:
    """Databricks Dolly's records."""

    name = "dolly"
    summary = "instruction, response and optionally context, category"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has an instruction and a response."""
        return "instruction" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; its passage is the context, its group the category.

        Raises:
            FieldFault: A field is missing, blank or no text.
        """
        messages = single_turn(required_text(record, "instruction"))
        response = required_text(record, "response")
        passage = optional_text(record, "context")
        return [make_sample(record, row, messages, response, passage=passage, passage_label="Context")]
