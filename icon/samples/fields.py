"""Fields of a record that hold more for the model, or for training, than a prompt and a response.

These are the names under which published data sets, trainers and model interfaces keep them. Reading asks here what a
sample takes up, what its id covers and what makes a record a bad row; exporting asks what a format would lose.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

SYSTEM = ("system", "system_prompt", "system_message")
"""System prompts beside the turns."""

TOOLS = ("tools", "functions")
"""Definitions of tools, as a list or as JSON; `functions` are those of an older interface."""

NO_PLACE = (
    *("image", "images", "video", "videos", "audio", "audios"),
    *("documents", "choices", "options", "chat_template_kwargs", "loss_mask", "label_mask"),
)
"""What a prompt and a response have no place for, in a record or turn: pictures, sound, a template's documents and
settings, the choices of a question, masks of tokens."""

REASONING = ("reasoning_content", "reasoning", "thinking", "thinking_content", "thought", "chain_of_thought")
"""Reasoning apart from the answer, in a turn or in a record of one answer."""

CHOSEN, REJECTED = "chosen", ("rejected", "rejected_response", "rejected_messages")
"""Answers of preference pairs."""

DESIRED = ("kto_tag", "label")
"""Marks of an answer that is one to be learned or not, as LLaMA-Factory's and TRL's KTO data have them."""

TURN_CALLS = ("tool_calls", "function_call")
"""Calls of tools within an assistant's turn."""

TURN_MARKS = ("train", "training", "loss", "loss_scale", "weight")
"""Marks of a turn that is not learned, where they are false or 0."""

TURN_WEIGHTS = ("weight", "loss_scale")
"""Those that may be other numbers."""

TURN_MASKS = ("mask", "masked")
"""Marks of a turn that is not learned, where they are true."""

TURN_PARTS = ("train_detail",)
"""Marks of parts of a turn, which are learned or not."""

CALLS = ("function_call", "function-call", "tool_call")
"""Roles of turns whose text is the JSON of a call, which is the assistant's."""

RESULTS = ("tool", "function", "observation", "tool_response", "function_response", "function-response")
"""Roles of turns that are the result of a call."""

ROLES = frozenset(("system", "developer", "user", "human", "assistant", "gpt", *CALLS, *RESULTS))
"""Names of roles."""

ANSWERS = ("assistant", "gpt")
"""Names of the role whose turns are learned."""

OF_NOTHING = ("none", "null", "nan", "n/a", "<na>")
"""Words that tables have in the place of an empty list."""


def holds(value: Any) -> bool:
    """Whether a field of text, a list or an object has anything in it.

    Null, blank text, a list or object of nothing and its JSON have nothing. Nor has a number, NaN or a flag: such a
    field is a count, a rating or a missing value.
    """
    if value is None:
        return False
    if isinstance(value, str):
        return value.strip() not in ("", "[]", "{}", "null")
    if isinstance(value, dict):
        return any(inner is not None for inner in value.values())
    if isinstance(value, list):
        return any(item is not None and not _is_hollow(item) for item in value)
    return not isinstance(value, bool | int | float)


def lists(value: Any) -> bool:
    """Whether a field of a list or an object has anything in it; a word such as "None" is nothing there."""
    return value is not None and holds(value) and not _says(value, *OF_NOTHING)


def is_switch(value: Any) -> bool:
    """Whether a field of reasoning says whether there is some, as Nemotron's does, and is none itself."""
    return _says(value, "on", "off")


def as_list(value: Any) -> Any:
    """The value, or the list that it is the JSON of: tables often keep turns as text."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, list) else value


def as_turns(value: Any) -> Any:
    """The value, or the turns that it is the JSON of: a list of turns of known roles, or one; any other text stays."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    turns = found if isinstance(found, list) else [found]
    return found if turns and all(_is_known_turn(turn) for turn in turns) else value


def unlearned_by(turn: Mapping[str, Any]) -> str | None:
    """The field that marks a turn as one that is not to be learned; None where there is none, or it is null.

    A `loss` that is a number with a fraction, 0.0 too, is a measurement.
    """
    for name in TURN_MARKS:
        value = turn.get(name)
        if name == "loss" and isinstance(value, float):
            continue
        if value is False or (isinstance(value, int | float) and value == 0) or _says(value, "false", "0"):
            return name
    return next((name for name in TURN_MASKS if turn.get(name) is True or _says(turn.get(name), "true", "1")), None)


def weight_of(turn: Mapping[str, Any]) -> float:
    """How much a turn is learned, relative to others: 1 where no weight says otherwise."""
    weight = 1.0
    for name in TURN_WEIGHTS:
        value = turn.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value:  # not NaN
            weight *= value
    return weight


def is_undesired(record: Mapping[str, Any], name: str) -> bool:
    """Whether the mark of that name (`DESIRED`) says that the answer is not to be learned.

    A `label` may be the name or number of a class, so it says so only as false beside messages or a completion, as KTO
    data have it, and as text only beside a completion.
    """
    value = record.get(name)
    if name == "label":
        of_marks = "completion" in record or (value is False and "messages" in record)
        return of_marks and (value is False or _says(value, "false"))
    return value is False or value == 0 or _says(value, "false", "0")


def is_answer(value: Any) -> bool:
    """Whether a field may hold an answer: text, a turn or a list of turns, and not a number or a flag."""
    return isinstance(value, str | list | dict) and holds(value)


def is_pair(record: Mapping[str, Any]) -> bool:
    """Whether a record holds an answer that was chosen, and one that was rejected."""
    return is_answer(record.get(CHOSEN)) and is_answer(record.get(REJECTED[0]))


def is_beside_pair(record: Mapping[str, Any]) -> bool:
    """Whether a record's field `chosen` is an answer, and not the name of what was chosen: a pair has the other one."""
    chosen = record.get(CHOSEN)
    return is_answer(chosen) and (
        any(is_answer(record.get(name)) for name in REJECTED) or any(_is_turn(item) for item in _turns_in(chosen))
    )


def turns_of(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every turn of a record with its place, such as `messages[2]` or `chosen`.

    A turn is what names a role, or {input, output} in a list.
    """
    for name, value in record.items():
        if _is_turn(value):
            yield name, value
        for number, turn in enumerate(_turns_in(value)):
            if _is_turn(turn) or is_exchange(turn):
                yield f"{name}[{number}]", turn


def is_exchange(item: Any) -> bool:
    """Whether it is a question with its answer in one object, as Capybara's lists have them."""
    return isinstance(item, dict) and {"input", "output"} <= item.keys() and not _is_turn(item)


def is_answering(turn: Mapping[str, Any]) -> bool:
    """Whether a turn, as `turns_of` gives it, is or has an answer."""
    return is_exchange(turn) or (turn.get("role") or turn.get("from")) in ANSWERS


def without(record: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The record without these fields, also within its turns; turns may be in lists or alone."""
    if not names:
        return dict(record)
    left_out = frozenset(names)
    return {name: _inner(value, left_out) for name, value in record.items() if name not in left_out}


def _inner(value: Any, names: Set[str]) -> Any:
    if isinstance(value, str) and any(_has(turn, names) for turn in _turns_in(value)):
        value = as_list(value)
    if isinstance(value, list):
        return [_inner(item, names) if isinstance(item, dict) else item for item in value]
    if _is_turn(value) or is_exchange(value):
        return {name: inner for name, inner in value.items() if name not in names}
    return value


def _has(item: Any, names: Set[str]) -> bool:
    """Whether it is a turn with one of these fields."""
    return (_is_turn(item) or is_exchange(item)) and bool(names & item.keys())


def _turns_in(value: Any) -> list[Any]:
    """The items of a list, or of one that is JSON text."""
    listed = as_list(value)
    return listed if isinstance(listed, list) else []


def _is_hollow(item: Any) -> bool:
    """Whether it is an object of nulls, as tables have in the place of none."""
    return isinstance(item, dict) and not holds(item)


def _is_known_turn(value: Any) -> bool:
    """Whether it has a role of a known name and a content."""
    if not _is_turn(value):
        return False
    role, content = ("role", "content") if "role" in value else ("from", "value")
    return (
        isinstance(value[role], str) and value[role] in ROLES and isinstance(value.get(content, 0), str | list | None)
    )


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and ("role" in value or "from" in value)


def _says(value: Any, *words: str) -> bool:
    return isinstance(value, str) and value.strip().lower() in words
