"""`rendered`: {dataset?, inputs, response, group?}, the paper's assessment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text, required_text
from icon.samples.formats.building import make_sample, single_turn
from icon.types import Sample


class Rendered:
    """Finished prompts, which text templates use word for word (METHOD, stage 1)."""

    name = "rendered"
    summary = "inputs (a finished prompt), response and optionally dataset, group"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has inputs and a response."""
        return "inputs" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample, its source the data set it names.

        Raises:
            FieldFault: A field is missing, blank or no text.
        """
        messages = single_turn(required_text(record, "inputs"))
        response = required_text(record, "response")
        source = optional_text(record, "dataset") or None
        return [make_sample(record, row, messages, response, rendered=True, source=source)]
