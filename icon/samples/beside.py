"""What a record holds beside its prompt and response: taken into the sample, covered by its id, or refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from icon.samples.fields import (
    CHOSEN,
    DESIRED,
    NO_PLACE,
    REASONING,
    REJECTED,
    SYSTEM,
    TOOLS,
    holds,
    is_answer,
    is_undesired,
)
from icon.samples.rows import FieldFault, describe, optional_text
from icon.types import Message

Label = Literal["Input", "Context"]


def refuse_unread(record: Mapping[str, Any], read: Collection[str]) -> None:
    """Refuse a record of which text would carry only a part, or whose answer is marked as a bad one.

    Args:
        record: The record.
        read: Fields that the reader, or the user by --column, has taken into account.

    Raises:
        FieldFault: The first such field.
    """
    for name in NO_PLACE:
        if name not in read and holds(record.get(name)):
            raise no_place(name, record[name])
    for name in DESIRED:
        if name not in read and is_undesired(record, name):
            found = f"{describe(record[name])}: an answer that is not to be learned"
            raise FieldFault(name, found, f"an answer to be learned; {how_to_ignore(name)}")
    if CHOSEN not in read and is_answer(record.get(CHOSEN)):
        found = f"{describe(record[CHOSEN])}: the answer of a preference pair, beside the response of this format"
        raise FieldFault(CHOSEN, found, f"--format preference, whose response it is; {how_to_ignore(CHOSEN)}")


def no_place(field: str, value: Any) -> FieldFault:
    """The fault of a field that a prompt and a response have no place for; it may be one of a turn."""
    found = f"{describe(value)}, which a prompt and a response of text have no place for"
    return FieldFault(field, found, f"records without it; {how_to_ignore(field.rpartition('.')[2])}")


def how_to_ignore(name: str) -> str:
    """What to do where a field has no meaning for the model."""
    return f"if the model need not see this field: --ignore {name}"


def passage_of(record: Mapping[str, Any], usual: Label) -> tuple[str, Label]:
    """The passage of a record with one question, and its heading: the field `input` or `context`.

    Args:
        record: The record.
        usual: The heading where there is none.

    Raises:
        FieldFault: Both hold one, or it is not text.
    """
    found: list[tuple[str, Label]] = []
    labels: tuple[tuple[str, Label], ...] = (("input", "Input"), ("context", "Context"))
    for name, label in labels:
        if text := optional_text(record, name):
            found.append((text, label))
    if len(found) == 2:
        raise FieldFault("context", "a context beside an input", f"one of the two; {how_to_ignore('context')}")
    return found[0] if found else ("", usual)


def with_system(record: Mapping[str, Any], messages: Sequence[Message], read: Collection[str]) -> list[Message]:
    """The turns, with the system prompt that the record has in a field beside them.

    Raises:
        FieldFault: Such a field is not text, or there are two different system prompts.
    """
    turns = list(messages)
    for name in SYSTEM:
        text = "" if name in read else optional_text(record, name)
        if not text:
            continue
        if not turns or turns[0].role != "system":
            turns.insert(0, Message("system", text))
        elif turns[0].content != text:
            raise FieldFault(name, "another system prompt than that of the turns or of another field", "one of them")
    return turns


def with_history(record: Mapping[str, Any], messages: Sequence[Message], read: Collection[str]) -> list[Message]:
    """The turns, with those of a field `history` (a list of [question, answer] pairs) before the user's.

    Raises:
        FieldFault: It is not such a list, or there are earlier turns already.
    """
    turns = list(messages)
    pairs = None if "history" in read else record.get("history")
    if not holds(pairs):
        return turns
    valid = "a list of [question, answer] pairs of texts"
    if not isinstance(pairs, list):
        raise FieldFault("history", describe(pairs), f"{valid}; {how_to_ignore('history')}")
    earlier: list[Message] = []
    for number, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise FieldFault(f"history[{number}]", describe(pair), valid)
        earlier += [Message("user", pair[0]), Message("assistant", pair[1])]
    start = int(turns[0].role == "system")
    if len(turns) - start != 1:
        raise FieldFault("history", "a history beside a conversation that has earlier turns", "one of the two")
    return [*turns[:start], *earlier, *turns[start:]]


def tools_of(record: Mapping[str, Any], read: Collection[str]) -> str:
    """The definitions of tools as JSON, a list in the record's order; an empty text where there are none.

    Raises:
        FieldFault: They are neither a list nor the JSON of one, or two fields hold tools.
    """
    found = [name for name in TOOLS if name not in read and holds(record.get(name))]
    if not found:
        return ""
    if len(found) == 2:
        raise FieldFault(found[1], f"tools beside those of {found[0]!r}", "one of the two")
    tools = parsed(record[found[0]], found[0], "a list of tools, or its JSON")
    if not isinstance(tools, list):
        raise FieldFault(found[0], describe(tools), "a list of tools, or its JSON")
    tools = [_definition(tool) for tool in tools]
    if found[0] == "functions":
        tools = [{"type": "function", "function": tool} for tool in tools]
    return as_json(tools)


def _definition(tool: Any) -> Any:
    """The definition of a tool, also where it is JSON within the list."""
    if isinstance(tool, str) and tool.lstrip().startswith("{"):
        return parsed(tool, "tools", "a list of tools, or its JSON")
    return tool


def reasoning_of(holder: Mapping[str, Any], place: str = "", read: Collection[str] = ()) -> str:
    """The reasoning that a record or a turn keeps apart from its answer; an empty text where there is none.

    Args:
        holder: The record or the turn.
        place: Where the turn is, such as `messages[1]`; empty for a record.
        read: Fields that the reader has taken into account.

    Raises:
        FieldFault: Two fields hold different reasoning, or a turn's is not text.
    """
    known = ""
    for name in REASONING:
        value = None if name in read else holder.get(name)
        if not holds(value):
            continue
        if not isinstance(value, str):
            if place:
                raise FieldFault(f"{place}.{name}", describe(value), "text or nothing")
            continue  # of a record: a number or flag, which is no reasoning
        if known not in ("", value):
            raise FieldFault(f"{place}.{name}".lstrip("."), "other reasoning than that of another field", "one of them")
        known = value
    return known


def counted_of(record: Mapping[str, Any], read: Collection[str]) -> dict[str, Any]:
    """What the record's samples do not hold, and makes two records different nonetheless: the rejected answers."""
    return {name: record[name] for name in REJECTED if name not in read and is_answer(record.get(name))}


def parsed(value: Any, field: str, valid: str) -> Any:
    """The value, or what it is the JSON of where it is text.

    Raises:
        FieldFault: It is text and no JSON.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise FieldFault(field, f"{describe(value)}, which is no JSON", valid) from None


def as_json(value: Any) -> str:
    """The value as JSON in its own order, without the keys of null: tables give every object the keys of all."""
    return json.dumps(_without_null(value), ensure_ascii=False, separators=(",", ":"), default=str)


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return value
