"""Lists of turns, as chat formats have them: read with their rules, and cut into samples.

The rules: an optional system turn stands first; then user and assistant alternate, the user begins. Two turns of one
role in a row are refused, because to join them would invent a text that nobody wrote. A blank system turn is as good
as none. What the user says behind the last assistant turn has no answer: it belongs to no sample and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icon.samples.fields import describe
from icon.samples.formats.building import make_sample
from icon.samples.rows import FieldFault
from icon.types import Message, Role, Sample

ALTERNATION = "an optional system turn, then user and assistant in turns"


@dataclass(frozen=True, slots=True)
class TurnShape:
    """How a format writes a turn: the names of its two fields, and the role behind each role's name."""

    role: str
    content: str
    roles: Mapping[str, Role]


OPENAI = TurnShape("role", "content", {"system": "system", "user": "user", "assistant": "assistant"})


def read_turns(value: Any, field: str, shape: TurnShape) -> list[Message]:
    """The turns as messages.

    Raises:
        FieldFault: It is no list of turns, or a turn breaks the rules; the field names the turn.
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
            place = f"behind one of role {before!r}" if before else "at the beginning"
            raise FieldFault(f"{field}[{number}]", f"a turn of role {message.role!r} {place}", ALTERNATION)
        turns.append(message)
    return turns


def conversation_samples(
    record: Mapping[str, Any], row: int, field: str, turns: Sequence[Message], *, every_turn: bool
) -> list[Sample]:
    """The last assistant turn as the response to all before it, or every assistant turn as one.

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
        FieldFault: Its role is unknown (tool turns are), or its content is blank or no text.
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
    """Text, or a list of text parts as the OpenAI format allows; the parts follow each other directly."""
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
