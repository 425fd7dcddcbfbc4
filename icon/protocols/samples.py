"""What a reader and a template must offer: records to samples, samples to text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from icon.types import Sample, Target


class Reader(Protocol):
    """Recognises one record format and turns a record into samples."""

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record's fields are those of this format."""
        ...

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's samples: one, or with `every_turn` one an assistant turn.

        Raises:
            icon.samples.records.FieldFault: A field is missing or has the wrong type or content.
        """
        ...


class Template(Protocol):
    """Turns samples into the exact text that is scored."""

    name: str
    special_tokens: bool
    """Whether the text holds special tokens that the tokenizer must recognise."""
    separator: str
    """What stands between a context and the prompt behind it."""
    source: str
    """What decides the text, for the run's record: two templates of one source render alike."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly."""
        ...

    def demonstration(self, sample: Sample) -> str:
        """Prompt, response and whatever ends it: what stands in front of an assessment sample, separator left out."""
        ...
