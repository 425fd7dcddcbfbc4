"""`columns`: a reader for records whose fields the user names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from icon.errors import ConfigError
from icon.samples.fields import group_from, optional_text, required_text
from icon.samples.formats.building import make_sample, single_turn
from icon.types import Sample

PARTS = ("prompt", "instruction", "response", "input", "system", "group")


class Columns:
    """Reads the parts of a sample from the fields that the user names.

    Args:
        columns: Field by part. Parts are `response` and one of `prompt` and `instruction` (two words for the user's
            turn), and optionally `input` (the passage), `system` and `group`.

    Raises:
        ConfigError: A part is unknown, missing or given twice.
    """

    name = "columns"
    summary = "the fields that --column names"

    def __init__(self, columns: Mapping[str, str]) -> None:
        if unknown := [part for part in columns if part not in PARTS]:
            raise ConfigError(f"columns: found the part {unknown[0]!r}; valid: {', '.join(PARTS)}")
        if ("prompt" in columns) == ("instruction" in columns) or "response" not in columns:
            found = ", ".join(columns) or "none"
            raise ConfigError(f"columns: found the parts {found}; valid: response and one of prompt and instruction")
        self._columns = dict(columns)
        self._prompt = columns.get("prompt") or columns["instruction"]

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has every field that was named."""
        return all(field in record for field in self._columns.values())

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample.

        Raises:
            FieldFault: A field that was named is missing, blank or no text; input and system may be blank.
        """
        prompt = required_text(record, self._prompt)
        response = required_text(record, self._columns["response"])
        messages = single_turn(prompt, self._optional(record, "system"))
        sample = make_sample(record, row, messages, response, passage=self._optional(record, "input"))
        if "group" in self._columns:
            return [replace(sample, group=group_from(record, self._columns["group"]))]
        return [sample]

    def _optional(self, record: Mapping[str, Any], part: str) -> str:
        return optional_text(record, self._columns[part]) if part in self._columns else ""
