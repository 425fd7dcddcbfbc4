"""`question-answer`: {question, context?, answer}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text, required_text
from icon.samples.formats.building import make_sample, single_turn
from icon.types import Sample


class QuestionAnswer:
    """Questions and answers, as in GSM8K; a context, where there is one, is the passage they are about."""

    name = "question-answer"
    summary = "question, answer and optionally context"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has a question and an answer."""
        return "question" in record and "answer" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field is missing, blank or no text.
        """
        messages = single_turn(required_text(record, "question"))
        response = required_text(record, "answer")
        passage = optional_text(record, "context")
        return [make_sample(record, row, messages, response, passage=passage, passage_label="Context")]
