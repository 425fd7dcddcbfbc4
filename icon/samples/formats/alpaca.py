"""`alpaca`: {instruction, input?, output}, and as LLaMA-Factory has it {system?, history?}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text, required_text
from icon.samples.formats.building import history_turns, make_sample, single_turn
from icon.types import Sample


class Alpaca:
    """Stanford Alpaca's records; a system prompt and earlier turns, where a record has them, belong to the prompt."""

    name = "alpaca"
    summary = "instruction, output and optionally input"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has an instruction and an output."""
        return "instruction" in record and "output" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; its passage is the input, and the history the turns before the instruction.

        Raises:
            FieldFault: A field is missing, blank or no text.
        """
        *system, asked = single_turn(required_text(record, "instruction"), optional_text(record, "system"))
        messages = [*system, *history_turns(record), asked]
        passage = optional_text(record, "input")
        return [make_sample(record, row, messages, required_text(record, "output"), passage=passage)]
