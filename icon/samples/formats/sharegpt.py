"""`sharegpt`: {conversations: [{from, value}, ...]}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.formats.turns import OPENAI, TurnShape, conversation_samples, read_turns
from icon.types import Sample

SHAREGPT = TurnShape(
    "from",
    "value",
    {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"},
)


class ShareGpt:
    """ShareGPT's conversations; some sets keep the list's name but write the turns as {role, content}: read as well."""

    name = "sharegpt"
    summary = "conversations: a list of {from: system, human or gpt; value}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has a list of conversations."""
        return isinstance(record.get(_field(record)), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last assistant turn as a sample, or each as one (the rules stand in `formats.turns`).

        Raises:
            FieldFault: The list is missing, or a turn breaks the rules.
        """
        field = _field(record)
        value = record.get(field)
        first = value[0] if isinstance(value, list) and value else None
        shape = OPENAI if isinstance(first, dict) and "role" in first and "from" not in first else SHAREGPT
        return conversation_samples(record, row, field, read_turns(value, field, shape), every_turn=every_turn)


def _field(record: Mapping[str, Any]) -> str:
    return "conversation" if "conversation" in record and "conversations" not in record else "conversations"
