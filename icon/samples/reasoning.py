"""The samples of a record as they are scored: without ignored fields, and with what becomes of reasoning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

from icon.plugins import Reader
from icon.samples.fields import without
from icon.samples.rows import FieldFault
from icon.types import Sample

Reasoning = Literal["error", "response", "ignore"]

FORM = "<think>\n{}\n</think>\n\n{}"
"""Reasoning and answer as one response, as the chat templates of Qwen3 and DeepSeek-R1 write them."""


def record_samples(
    reader: Reader,
    fields: Mapping[str, Any],
    row: int,
    *,
    every_turn: bool,
    reasoning: Reasoning,
    ignore: Collection[str],
) -> list[Sample]:
    """The samples that a reader makes of a record, as they are scored.

    Args:
        reader: Knows the record's format.
        fields: The record.
        row: Its number.
        every_turn: Whether every assistant turn is a sample.
        reasoning: As in `settle`.
        ignore: Fields that the reader does not see.

    Raises:
        FieldFault: The record is not a sample.
    """
    samples = reader.samples(without(fields, ignore), row, every_turn=every_turn)
    return [settle(sample, reasoning) for sample in samples]


def settle(sample: Sample, reasoning: Reasoning) -> Sample:
    """The sample as it is scored. Its id stays: it covers the reasoning whatever becomes of it.

    That of earlier turns stays theirs, for the chat template to show or leave out, unless reasoning is ignored.

    Args:
        sample: The sample as a reader made it.
        reasoning: `response` puts the reasoning in front of the answer (`FORM`), `ignore` leaves it out.

    Raises:
        FieldFault: There is reasoning, and `reasoning` is "error".
    """
    if reasoning == "ignore" and any(turn.reasoning for turn in sample.messages):
        sample = replace(sample, messages=tuple(replace(turn, reasoning="") for turn in sample.messages))
    if not sample.reasoning:
        return sample
    if reasoning == "error":
        raise FieldFault(
            "reasoning",
            f"reasoning of {len(sample.reasoning):,} characters apart from the answer",
            "to say what becomes of it: --reasoning response scores it as part of the response, --reasoning ignore "
            "leaves it out (of an assessment file: -o assessment.reasoning=response)",
        )
    response = FORM.format(sample.reasoning, sample.response) if reasoning == "response" else sample.response
    return replace(sample, response=response, reasoning="")
