"""`sharegpt`: {conversations: [{from, value}, ...], system?}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import optional_text
from icon.samples.formats.turns import OPENAI, TurnShape, conversation_samples, read_turns
from icon.samples.rows import FieldFault
from icon.types import Message, Sample

SHAREGPT = TurnShape(
    "from",
    "value",
    {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"},
)


class ShareGpt:
    """ShareGPT's conversations; some sets keep the list's name but write the turns as {role, content}: read as well.

    A system prompt may stand beside the list, as LLaMA-Factory has it.
    """

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
        turns = read_turns(value, field, shape)
        if system := optional_text(record, "system"):
            if turns[:1] and turns[0].role == "system" and turns[0].content != system:
                raise FieldFault("system", f"another system prompt than that of {field}[0]", "one system prompt")
            turns = [Message("system", system), *(each for each in turns if each.role != "system")]
        return conversation_samples(record, row, field, turns, every_turn=every_turn)


def _field(record: Mapping[str, Any]) -> str:
    return "conversation" if "conversation" in record and "conversations" not in record else "conversations"
