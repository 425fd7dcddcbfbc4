"""Conversations as lists of turns: `messages` and `sharegpt`, read by one set of rules and split into samples.

The rules: an optional system turn comes first; then user and assistant alternate, starting with the user. Two turns of
one role in a row are refused, because joining them would invent a text that nobody wrote. A blank system turn counts as
none. A user turn after the last assistant turn has no response: it belongs to no sample and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icon.samples.making import make_sample
from icon.samples.rows import FieldFault, describe, optional_text
from icon.types import Message, Role, Sample

ALTERNATION = "an optional system turn, then user and assistant in turns"


@dataclass(frozen=True, slots=True)
class TurnShape:
    """The fields of a turn in a format: the names of role and content, and the role that each role name means."""

    role: str
    content: str
    roles: Mapping[str, Role]


OPENAI = TurnShape("role", "content", {"system": "system", "user": "user", "assistant": "assistant"})


def read_turns(value: Any, field: str, shape: TurnShape) -> list[Message]:
    """The turns as messages.

    Raises:
        FieldFault: It is not a list of turns, or a turn breaks the rules; the field names the turn.
    """
    if not isinstance(value, list) or not value:
        raise FieldFault(field, "an empty list" if value == [] else describe(value), "a list of turns")
    turns: list[Message] = []
    for number, item in enumerate(value):
        message = read_turn(item, f"{field}[{number}]", shape)
        if message.role == "system" and not message.content.strip() and number == 0:
            continue
        before = turns[-1].role if turns else None
        allowed = {None: ("system", "user"), "user": ("assistant",)}.get(before, ("user",))
        if message.role not in allowed:
            place = f"after one of role {before!r}" if before else "at the beginning"
            raise FieldFault(f"{field}[{number}]", f"a turn of role {message.role!r} {place}", ALTERNATION)
        turns.append(message)
    return turns


def conversation_samples(
    record: Mapping[str, Any], row: int, field: str, turns: Sequence[Message], *, every_turn: bool
) -> list[Sample]:
    """The samples of a conversation: its last assistant turn as the response to all before it, or every one.

    Raises:
        FieldFault: There is no assistant turn.
    """
    answers = [place for place, turn in enumerate(turns) if turn.role == "assistant"]
    if not answers:
        raise FieldFault(field, "no assistant turn", "at least one, which is the response")
    samples = [
        make_sample(record, row, turns[:place], turns[place].content, turn=number)
        for number, place in enumerate(answers)
        if every_turn or number == len(answers) - 1
    ]
    return samples


def read_turn(item: Any, field: str, shape: TurnShape) -> Message:
    """One turn as a message.

    Raises:
        FieldFault: Its role is unknown (tool turns are), or its content is blank or not text.
    """
    if not isinstance(item, dict):
        raise FieldFault(field, describe(item), f"an object with {shape.role!r} and {shape.content!r}")
    name = item.get(shape.role)
    role = shape.roles.get(name) if isinstance(name, str) else None
    if role is None:
        found = f"the role {name[:40]!r}" if isinstance(name, str) else describe(name)
        raise FieldFault(f"{field}.{shape.role}", found, f"one of {', '.join(shape.roles)}")
    content = _content(item.get(shape.content), f"{field}.{shape.content}")
    if role != "system" and not content.strip():
        raise FieldFault(f"{field}.{shape.content}", describe(content), "text that is not blank")
    return Message(role, content)


def _content(value: Any, field: str) -> str:
    """The text of a content: text, or a list of text parts as the OpenAI format allows, joined without separator."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise FieldFault(field, describe(value), "text, or a list of text parts")
    texts = []
    for number, part in enumerate(value):
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if kind == "text" else None
        if not isinstance(text, str):
            found = (
                f"a part of type {str(kind)[:40]!r}" if kind not in (None, "text") else describe(text if kind else part)
            )
            raise FieldFault(f"{field}[{number}]", found, '{"type": "text", "text": "..."}')
        texts.append(text)
    return "".join(texts)


class Messages:
    """Reader of conversations in the form of OpenAI's API and of most chat templates."""

    name = "messages"
    summary = "messages: a list of {role: system, user or assistant; content}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a list of messages."""
        return isinstance(record.get("messages"), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last assistant turn as a sample, or every assistant turn (see the rules of the module).

        Raises:
            FieldFault: The list is missing, or a turn breaks the rules.
        """
        turns = read_turns(record.get("messages"), "messages", OPENAI)
        return conversation_samples(record, row, "messages", turns, every_turn=every_turn)


SHAREGPT = TurnShape(
    "from",
    "value",
    {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"},
)


class ShareGpt:
    """Reader of ShareGPT's conversations, also of those whose turns are {role, content} under ShareGPT's list name.

    A system prompt may be in a field of its own, as in LLaMA-Factory.
    """

    name = "sharegpt"
    summary = "conversations: a list of {from: system, human or gpt; value}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a list of conversations."""
        return isinstance(record.get(_field(record)), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last assistant turn as a sample, or every assistant turn (see the rules of the module).

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
            turns = [Message("system", system), *(turn for turn in turns if turn.role != "system")]
        return conversation_samples(record, row, field, turns, every_turn=every_turn)


def _field(record: Mapping[str, Any]) -> str:
    return "conversation" if "conversation" in record and "conversations" not in record else "conversations"
