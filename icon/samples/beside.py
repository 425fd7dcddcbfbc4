"""What a record holds beside its prompt and response: taken into the sample, covered by its id, or refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from icon.samples.fields import (
    CHOSEN,
    DESIRED,
    NO_PLACE,
    REASONING,
    REJECTED,
    SYSTEM,
    TOOLS,
    as_list,
    as_turns,
    holds,
    is_answer,
    is_beside_pair,
    is_switch,
    is_undesired,
    lists,
)
from icon.samples.rows import FieldFault, describe
from icon.types import Message

Label = Literal["Input", "Context"]


class Passage(NamedTuple):
    """The passage that a sample has, and what its id covers of one that the prompt has already."""

    text: str
    label: Label
    counted: Mapping[str, str]


NO_PASSAGE = Passage("", "Input", {})


def refuse_unread(record: Mapping[str, Any], read: Collection[str]) -> None:
    """Refuse a record of which text would carry only a part, or whose answer is marked as a bad one.

    Args:
        record: The record.
        read: Fields that the reader, or the user by --column, has taken into account.

    Raises:
        FieldFault: The first such field.
    """
    for name in NO_PLACE:
        if name not in read and lists(record.get(name)):
            raise no_place(name, record[name])
    for name in DESIRED:
        if name not in read and is_undesired(record, name):
            found = f"{describe(record[name])}: an answer that is not to be learned"
            raise FieldFault(name, found, f"an answer to be learned; {how_to_ignore(name)}")
    if CHOSEN not in read and is_beside_pair(record):
        found = f"{describe(record[CHOSEN])}: the answer of a preference pair, beside the response of this format"
        raise FieldFault(CHOSEN, found, f"--format preference, whose response it is; {how_to_ignore(CHOSEN)}")


def no_place(field: str, value: Any) -> FieldFault:
    """The fault of a field that a prompt and a response have no place for; it may be one of a turn."""
    found = f"{describe(value)}, which a prompt and a response of text have no place for"
    return FieldFault(field, found, f"records without it; {how_to_ignore(field.rpartition('.')[2])}")


def how_to_ignore(name: str) -> str:
    """What to do where a field has no meaning for the model."""
    return f"if the model need not see this field: --ignore {name}"


def passage_of(
    record: Mapping[str, Any], prompt: str, usual: Label = "Input", *, own: str = "", read: Collection[str] = ()
) -> Passage:
    """The passage of a record with one question: the field `input` or `context`.

    One that the question has already is none, so that the model does not read it twice; the id covers it.

    Args:
        record: The record.
        prompt: The question.
        usual: The heading where there is none.
        own: Which of the two the format itself has: it is the passage whatever the question says, and must be text.
        read: Fields that the reader has taken into account.

    Raises:
        FieldFault: The two differ, or the format's own is not text.
    """
    found: list[tuple[str, Label]] = []
    labels: tuple[tuple[str, Label], ...] = (("input", "Input"), ("context", "Context"))
    for name, label in labels:
        value = None if name in read else record.get(name)
        if isinstance(value, str) and value.strip():
            found.append((value, label))
        elif name == own and not isinstance(value, str | None) and value == value:  # not NaN
            raise FieldFault(name, describe(value), f"text or nothing; {how_to_ignore(name)}")
    if len(found) == 2 and found[0][0].strip() != found[1][0].strip():
        raise FieldFault("context", "a context that is not the input", f"one of the two; {how_to_ignore('context')}")
    for text, label in sorted(found, key=lambda one: one[1].lower() != own):
        if label.lower() == own or text.strip() not in prompt:
            return Passage(text, label, {})
        return Passage("", usual, {"passage": text} if text.strip() != prompt.strip() else {})
    return Passage("", usual, {})


def with_system(record: Mapping[str, Any], messages: Sequence[Message], read: Collection[str]) -> list[Message]:
    """The turns, with the system prompt that the record has in a field beside them.

    Raises:
        FieldFault: Such a field is a list or an object, or there are two different system prompts.
    """
    turns = list(messages)
    for name in SYSTEM:
        text = None if name in read else record.get(name)
        if not holds(text):
            continue
        if not isinstance(text, str):
            raise FieldFault(name, describe(text), f"text or nothing; {how_to_ignore(name)}")
        if not turns or turns[0].role != "system":
            turns.insert(0, Message("system", text))
        elif turns[0].content.strip() != text.strip():
            found = "another system prompt than that of the turns or of another field"
            raise FieldFault(name, found, f"one of them; {how_to_ignore(name)}")
    return turns


def with_history(record: Mapping[str, Any], messages: Sequence[Message], read: Collection[str]) -> list[Message]:
    """The turns, with those of a field `history` (a list of [question, answer] pairs) before the user's.

    Raises:
        FieldFault: It is not such a list, or there are earlier turns already.
    """
    turns = list(messages)
    pairs = None if "history" in read else as_list(record.get("history"))
    if not lists(pairs):
        return turns
    valid = f"a list of [question, answer] pairs of texts; {how_to_ignore('history')}"
    if not isinstance(pairs, list):
        raise FieldFault("history", describe(pairs), valid)
    earlier: list[Message] = []
    for number, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise FieldFault(f"history[{number}]", describe(pair), valid)
        earlier += [Message("user", pair[0]), Message("assistant", pair[1])]
    start = int(turns[0].role == "system")
    if len(turns) - start != 1:
        found = "a history beside a conversation that has earlier turns"
        raise FieldFault("history", found, f"one of the two; {how_to_ignore('history')}")
    return [*turns[:start], *earlier, *turns[start:]]


def tools_of(record: Mapping[str, Any], read: Collection[str]) -> str:
    """The definitions of tools as JSON, a list in the record's order; an empty text where there are none.

    Raises:
        FieldFault: They are neither a list nor the JSON of one, or two fields hold tools.
    """
    found = [name for name in TOOLS if name not in read and lists(record.get(name))]
    if not found:
        return ""
    name = found[0]
    if len(found) == 2:
        raise FieldFault(found[1], f"tools beside those of {name!r}", f"one of the two; {how_to_ignore(found[1])}")
    valid = f"a list of tools, or its JSON; {how_to_ignore(name)}"
    tools = parsed(without_null(record[name]), name, valid)
    if not isinstance(tools, list):
        raise FieldFault(name, describe(tools), valid)
    texts = [isinstance(tool, str) and tool.lstrip().startswith("{") for tool in tools]
    tools = [parsed(tool, name, valid) if text else tool for tool, text in zip(tools, texts, strict=True)]
    if name == "functions":
        tools = [{"type": "function", "function": tool} for tool in tools]
    return as_json(tools)


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
        if not holds(value) or is_switch(value):
            continue
        if not isinstance(value, str):
            if place:
                raise FieldFault(f"{place}.{name}", describe(value), f"text or nothing; {how_to_ignore(name)}")
            continue  # of a record: a list or an object, which is no reasoning
        if known not in ("", value):
            found, valid = "other reasoning than that of another field", f"one of them; {how_to_ignore(name)}"
            raise FieldFault(f"{place}.{name}".lstrip("."), found, valid)
        known = value
    return known


def counted_of(record: Mapping[str, Any], read: Collection[str]) -> dict[str, Any]:
    """What the record's samples do not hold, and makes two records different nonetheless: the rejected answers."""
    found = {name: record.get(name) for name in REJECTED if name not in read}
    return {name: without_null(as_turns(value)) for name, value in found.items() if is_answer(value)}


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
    """The value as JSON in its own order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def without_null(value: Any) -> Any:
    """The value without the keys of null in its objects: tables give every object the keys of all."""
    if isinstance(value, list):
        return [without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: without_null(inner) for name, inner in value.items() if inner is not None}
    return value
