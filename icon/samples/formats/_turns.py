"""Lists of turns under every spelling, read by one set of rules.

The rules: an optional system turn comes first; then user and assistant alternate, starting with the user; results of
tools stand between two turns of the assistant. Two other turns of one role in a row are refused, because joining them
would invent a text that nobody wrote. A blank system turn counts as none. Where turns have no role, texts alternate
(LIMA), or each item is a question with its answer (Capybara).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from icon.samples.beside import as_json, no_place, reasoning_of, without_null
from icon.samples.fields import (
    CALLS,
    NO_PLACE,
    RESULTS,
    SYSTEM,
    TOOLS,
    TURN_PARTS,
    as_list,
    as_turns,
    holds,
    is_exchange,
    lists,
    unlearned_by,
    weight_of,
)
from icon.samples.formats._contents import beside_of, calls_of, content_of, with_null
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
        place: Where the record has it, such as `messages[1]`.
        reasoning: The assistant's reasoning, where it is apart from the content.
        learned: Whether it is to be learned, as far as marks say.
        weight: How much, relative to others.
    """

    message: Message
    place: str = ""
    reasoning: str = ""
    learned: bool = True
    weight: float = 1.0

    @property
    def role(self) -> Role:
        """Who speaks."""
        return self.message.role


_OF_TOOLS: dict[str, Role] = {**dict.fromkeys(CALLS, "assistant"), **dict.fromkeys(RESULTS, "tool")}

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
    """The turns of a list, or of one that is JSON text.

    Raises:
        FieldFault: It is not a list of turns, or a turn breaks the rules; the field names the turn.
    """
    return turns_among(plain_turns(value), field, shape)


def turns_among(value: Any, field: str, shape: TurnShape) -> list[Turn]:
    """The turns of a list as `plain_turns` or `listed_turns` gives it.

    Raises:
        FieldFault: As `read_turns`.
    """
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


def plain_turns(value: Any) -> Any:
    """The value without the nulls that tables fill in within its turns, or the list that a text is the JSON of."""
    if isinstance(value, str):
        return as_list(value)
    if isinstance(value, list):
        return [plain_turns(item) if isinstance(item, dict) else item for item in value]
    return {name: without_null(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def listed_turns(value: Any) -> list[Any] | None:
    """The turns of a field that may also be a text: a list, one turn, or the JSON of either; None for another value."""
    found = as_turns(value) if isinstance(value, str) else plain_turns(value)
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) and found else None


def _read(value: list[Any], field: str, shape: TurnShape) -> Iterator[tuple[str, Turn]]:
    """Each turn with its place, whichever way the list has them."""
    if all(isinstance(item, str) for item in value):
        for number, text in enumerate(value):
            yield f"{field}[{number}]", _plain("assistant" if number % 2 else "user", text, f"{field}[{number}]")
    elif all(is_exchange(item) for item in value):
        for number, item in enumerate(value):
            yield from _exchange(item, f"{field}[{number}]")
    else:
        for number, item in enumerate(value):
            yield f"{field}[{number}]", read_turn(item, f"{field}[{number}]", shape)


def _exchange(item: Mapping[str, Any], field: str) -> Iterator[tuple[str, Turn]]:
    """The turns of a question with its answer, to which everything beside them belongs, but for a system prompt."""
    _refuse_unread(item, field)
    for name in SYSTEM:
        if holds(item.get(name)):
            yield f"{field}.{name}", _plain("system", item[name], f"{field}.{name}")
    yield f"{field}.input", _plain("user", item["input"], f"{field}.input")
    answer = _plain("assistant", item["output"], f"{field}.output").message
    message = replace(answer, beside=beside_of(item, "assistant", field))
    yield f"{field}.output", _turn(message, item, field)


def _plain(role: Role, text: Any, place: str) -> Turn:
    if not isinstance(text, str) or not text.strip():
        raise FieldFault(place, describe(text), "text that is not blank")
    return Turn(Message(role, text), place)


def _refuse_unread(item: Mapping[str, Any], field: str) -> None:
    for name in (*NO_PLACE, *TOOLS):
        if name in item and lists(item[name]):
            raise no_place(f"{field}.{name}", item[name])


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
    content = item.get(shape.content)
    if len(item) == 2 and name not in CALLS and isinstance(content, str) and content.strip():
        return Turn(Message(role, content), field)  # as nearly all turns are: nothing else to look at
    _refuse_unread(item, field)
    beside = beside_of(item, role, field)
    if name in CALLS:
        content, beside = "", as_json({"tool_calls": calls_of(content, f"{field}.{shape.content}")})
    if content is None and beside and role == "assistant":
        content, beside = "", with_null(beside)
    text = content_of(content, f"{field}.{shape.content}")
    if role != "system" and not text.strip() and not (beside and role == "assistant"):
        raise FieldFault(f"{field}.{shape.content}", describe(text), "text that is not blank")
    return _turn(Message(role, text, beside), item, field)


def _turn(message: Message, item: Mapping[str, Any], field: str) -> Turn:
    """The turn with its reasoning and its mark, which only an assistant's has."""
    if message.role != "assistant":
        return Turn(message, field)
    for name in TURN_PARTS:
        if lists(item.get(name)):
            raise no_place(f"{field}.{name}", item[name])
    return Turn(message, field, reasoning_of(item, field), unlearned_by(item) is None, weight_of(item))
