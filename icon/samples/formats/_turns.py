"""Lists of turns under every spelling, read by one set of rules.

The rules: an optional system turn comes first; then user and assistant alternate, starting with the user; results of
tools stand between two turns of the assistant. Two other turns of one role in a row are refused, because joining them
would invent a text that nobody wrote. A blank system turn counts as none. Where turns have no role, texts alternate
(LIMA), or each item is a question with its answer (Capybara).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from icon.samples.beside import as_json, no_place, reasoning_of
from icon.samples.fields import NO_PLACE, TOOLS, TURN_PARTS, as_list, holds, unlearned_by, weight_of
from icon.samples.formats._contents import beside_of, calls_of, content_of
from icon.samples.rows import FieldFault, describe
from icon.types import Message, Role

ALTERNATION = "an optional system turn, then user and assistant in turns; results of tools after an assistant's turn"

NEXT: dict[str | None, tuple[Role, ...]] = {
    None: ("system", "user"),
    "system": ("user",),
    "user": ("assistant",),
    "assistant": ("user", "tool"),
    "tool": ("tool", "assistant"),
}
"""The roles that may follow a role."""


@dataclass(frozen=True, slots=True)
class TurnShape:
    """The fields of a turn in a format: the names of role and content, and the role that each role name means."""

    role: str
    content: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn, with what only some records say of one.

    Attributes:
        message: The turn itself.
        reasoning: The assistant's reasoning, where it is apart from the content.
        learned: Whether it is to be learned, as far as marks say.
        weight: How much, relative to others.
    """

    message: Message
    reasoning: str = ""
    learned: bool = True
    weight: float = 1.0

    @property
    def role(self) -> Role:
        """Who speaks."""
        return self.message.role


CALLS = ("function_call", "function-call", "tool_call")
"""Roles of turns whose text is the JSON of a call, which is the assistant's."""

_OF_TOOLS: dict[str, Role] = {
    **dict.fromkeys(CALLS, "assistant"),
    **dict.fromkeys(
        ("tool", "function", "observation", "tool_response", "function_response", "function-response"), "tool"
    ),
}

OPENAI = TurnShape(
    "role",
    "content",
    {"system": "system", "user": "user", "assistant": "assistant", "developer": "system", **_OF_TOOLS},
)

SHAREGPT = TurnShape(
    "from",
    "value",
    {
        "system": "system",
        "human": "user",
        "user": "user",
        "gpt": "assistant",
        "assistant": "assistant",
        **_OF_TOOLS,
    },
)


def shape_of(item: Any, otherwise: TurnShape) -> TurnShape:
    """The shape of a turn by its own fields."""
    if isinstance(item, dict) and ("role" in item) != ("from" in item):
        return OPENAI if "role" in item else SHAREGPT
    return otherwise


def read_turns(value: Any, field: str, shape: TurnShape) -> list[Turn]:
    """The turns of a list.

    Raises:
        FieldFault: It is not a list of turns, or a turn breaks the rules; the field names the turn.
    """
    value = as_list(value)
    if not isinstance(value, list) or not value:
        raise FieldFault(field, "an empty list" if value == [] else describe(value), "a list of turns")
    turns: list[Turn] = []
    for number, (place, turn) in enumerate(_read(value, field, shape)):
        if turn.role == "system" and not turn.message.content.strip() and number == 0:
            continue
        before = turns[-1].role if turns else None
        if turn.role not in NEXT[before]:
            after = f"after one of role {before!r}" if before else "at the beginning"
            raise FieldFault(place, f"a turn of role {turn.role!r} {after}", ALTERNATION)
        turns.append(turn)
    return turns


def _read(value: list[Any], field: str, shape: TurnShape) -> Iterator[tuple[str, Turn]]:
    """Each turn with its place, whichever way the list has them."""
    if all(isinstance(item, str) for item in value):
        for number, text in enumerate(value):
            yield f"{field}[{number}]", _plain("assistant" if number % 2 else "user", text, f"{field}[{number}]")
    elif all(_is_exchange(item, shape) for item in value):
        for number, item in enumerate(value):
            for name, role in (("input", "user"), ("output", "assistant")):
                place = f"{field}[{number}].{name}"
                yield place, _plain(role, item[name], place)
    else:
        for number, item in enumerate(value):
            yield f"{field}[{number}]", read_turn(item, f"{field}[{number}]", shape)


def _is_exchange(item: Any, shape: TurnShape) -> bool:
    return isinstance(item, dict) and {"input", "output"} <= item.keys() and shape.role not in item


def _plain(role: Any, text: Any, place: str) -> Turn:
    if not isinstance(text, str) or not text.strip():
        raise FieldFault(place, describe(text), "text that is not blank")
    return Turn(Message(role, text))


def read_turn(item: Any, field: str, shape: TurnShape) -> Turn:
    """One turn.

    Raises:
        FieldFault: Its role is unknown, its content is blank or not text, or it holds what text cannot carry.
    """
    if not isinstance(item, dict):
        raise FieldFault(field, describe(item), f"an object with {shape.role!r} and {shape.content!r}")
    name = item.get(shape.role)
    role = shape.roles.get(name) if isinstance(name, str) else None
    if role is None:
        found = f"the role {name[:40]!r}" if isinstance(name, str) else describe(name)
        raise FieldFault(f"{field}.{shape.role}", found, f"one of {', '.join(shape.roles)}")
    for unread in (*NO_PLACE, *TOOLS):
        if holds(item.get(unread)):
            raise no_place(f"{field}.{unread}", item[unread])
    content, beside = item.get(shape.content), beside_of(item, role, field)
    if name in CALLS:
        content, beside = "", as_json({"tool_calls": calls_of(content, f"{field}.{shape.content}")})
    text = "" if content is None and beside and role == "assistant" else content_of(content, f"{field}.{shape.content}")
    if role != "system" and not text.strip() and not (beside and role == "assistant"):
        raise FieldFault(f"{field}.{shape.content}", describe(text), "text that is not blank")
    return _turn(Message(role, text, beside), item, field)


def _turn(message: Message, item: Mapping[str, Any], field: str) -> Turn:
    """The turn with its reasoning and its mark, which only an assistant's has."""
    if message.role != "assistant":
        return Turn(message)
    for name in TURN_PARTS:
        if holds(item.get(name)):
            raise no_place(f"{field}.{name}", item[name])
    return Turn(message, reasoning_of(item, field), unlearned_by(item) is None, weight_of(item))
