"""`messages`: {messages: [{role, content}, ...]}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.formats.turns import OPENAI, conversation_samples, read_turns
from icon.types import Sample


class Messages:
    """Conversations in the form that OpenAI's interface and most chat templates take."""

    name = "messages"
    summary = "messages: a list of {role: system, user or assistant; content}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether it has a list of messages."""
        return isinstance(record.get("messages"), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last assistant turn as a sample, or each as one (the rules stand in `formats.turns`).

        Raises:
            FieldFault: The list is missing, or a turn breaks the rules.
        """
        turns = read_turns(record.get("messages"), "messages", OPENAI)
        return conversation_samples(record, row, "messages", turns, every_turn=every_turn)
