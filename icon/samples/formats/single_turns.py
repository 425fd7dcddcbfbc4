"""Readers of records with one question and answer: alpaca, dolly, openorca, question-answer, rendered, columns.

System prompts, histories and tools in fields beside them are taken into account for all of them (`make_sample`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from icon._near import did_you_mean
from icon.errors import ConfigError
from icon.samples.beside import Label, passage_of
from icon.samples.making import make_sample, single_turn
from icon.samples.rows import group_from, optional_text, required_text
from icon.types import Sample

PARTS = ("prompt", "instruction", "response", "input", "system", "group")


GROUPS = ("group", "category")
"""Fields of a task group, which the user need not name."""


def _question(
    record: Mapping[str, Any], row: int, asked: str, answered: str, usual: Label, *, own: str = ""
) -> list[Sample]:
    """The one sample of a question and its answer; an input or context is the passage, `own` the format's name of it.

    Raises:
        FieldFault: A field is missing, blank or not text.
    """
    question, answer = required_text(record, asked), required_text(record, answered)
    passage, label, counted = passage_of(record, question, usual, own=own)
    asking = single_turn(question)
    return [make_sample(record, row, asking, answer, passage=passage, passage_label=label, counted=counted)]


class Alpaca:
    """Reader of Stanford Alpaca's records."""

    name = "alpaca"
    summary = "instruction, output and optionally input"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has an instruction and an output."""
        return "instruction" in record and "output" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; its passage is the input.

        Raises:
            FieldFault: A field is missing, blank or not text.
        """
        return _question(record, row, "instruction", "output", "Input", own="input")


class Dolly:
    """Reader of Databricks Dolly's records."""

    name = "dolly"
    summary = "instruction, response and optionally context, category"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has an instruction and a response."""
        return "instruction" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; its passage is the context, its group the category.

        Raises:
            FieldFault: A field is missing, blank or not text.
        """
        return _question(record, row, "instruction", "response", "Context", own="context")


class OpenOrca:
    """Reader of OpenOrca's records."""

    name = "openorca"
    summary = "question, response and optionally system_prompt"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a question and a response."""
        return "question" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field is missing, blank or not text.
        """
        return _question(record, row, "question", "response", "Input")


class QuestionAnswer:
    """Reader of questions and answers, as in GSM8K; a context is the passage they are about."""

    name = "question-answer"
    summary = "question, answer and optionally context"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a question and an answer."""
        return "question" in record and "answer" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field is missing, blank or not text.
        """
        return _question(record, row, "question", "answer", "Context", own="context")


class Rendered:
    """Reader of finished prompts, which text templates use verbatim (METHOD: stage 1)."""

    name = "rendered"
    summary = "inputs (a finished prompt), response and optionally dataset, group"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has inputs and a response."""
        return "inputs" in record and "response" in record

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample, its source the data set it names.

        Raises:
            FieldFault: A field is missing, blank or not text.
        """
        messages = single_turn(required_text(record, "inputs"))
        response = required_text(record, "response")
        source = optional_text(record, "dataset") or None
        return [make_sample(record, row, messages, response, rendered=True, source=source)]


class Columns:
    """Reads the parts of a sample from the fields that the user names, and leaves all others alone.

    Args:
        columns: Field by part. Parts are `response` and one of `prompt` and `instruction` (synonyms for the user's
            turn), and optionally `input` (the passage), `system` and `group`.

    Raises:
        ConfigError: A part is unknown or missing, or prompt and instruction are both given.
    """

    name = "columns"
    summary = "the fields that --column names"

    def __init__(self, columns: Mapping[str, str]) -> None:
        if unknown := [part for part in columns if part not in PARTS]:
            part = unknown[0]
            raise ConfigError(
                f"--column {part}={columns[part]}: found the part {part!r}; valid: {', '.join(PARTS)}."
                f"{did_you_mean(part, PARTS)}"
            )
        if ("prompt" in columns) == ("instruction" in columns) or "response" not in columns:
            found = ", ".join(columns) or "none"
            raise ConfigError(f"--column: found the parts {found}; valid: response and one of prompt and instruction")
        self._columns = dict(columns)
        self._prompt = columns.get("prompt") or columns["instruction"]

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has every field that the columns name."""
        return all(field in record for field in self._columns.values())

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field that the columns name is missing, blank or not text; input and system may be blank.
        """
        prompt = required_text(record, self._prompt)
        response = required_text(record, self._columns["response"])
        messages = single_turn(prompt, self._optional(record, "system"))
        others = {name: record[name] for name in GROUPS if name in record}
        sample = make_sample(others, row, messages, response, passage=self._optional(record, "input"))
        if "group" in self._columns:
            return [replace(sample, group=group_from(record, self._columns["group"]))]
        return [sample]

    def _optional(self, record: Mapping[str, Any], part: str) -> str:
        return optional_text(record, self._columns[part]) if part in self._columns else ""
