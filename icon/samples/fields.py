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

ANSWERS = ("assistant", "gpt")
"""Names of the role whose turns are learned."""


def holds(value: Any) -> bool:
    """Whether a field has anything in it: not null, blank or false, no list or object of nothing, nor its JSON."""
    if isinstance(value, str):
        return value.strip() not in ("", "[]", "{}", "null")
    if isinstance(value, dict):
        return any(inner is not None for inner in value.values())
    if isinstance(value, list):
        return any(item is not None and not _is_hollow(item) for item in value)
    return value is not None and value is not False


def as_list(value: Any) -> Any:
    """The value, or the list that it is the JSON of: tables often keep turns as text."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, list) else value


def unlearned_by(turn: Mapping[str, Any]) -> str | None:
    """The field that marks a turn as one that is not to be learned; None where there is none, or it is null."""
    for name in TURN_MARKS:
        value = turn.get(name)
        if value is False or (isinstance(value, int | float) and value == 0) or _says(value, "false", "0"):
            return name
    return next((name for name in TURN_MASKS if turn.get(name) is True or _says(turn.get(name), "true", "1")), None)


def weight_of(turn: Mapping[str, Any]) -> float:
    """How much a turn is learned, relative to others: 1 where no weight says otherwise."""
    weight = 1.0
    for name in TURN_WEIGHTS:
        value = turn.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            weight *= value
    return weight


def is_undesired(record: Mapping[str, Any], name: str) -> bool:
    """Whether the mark of that name (`DESIRED`) says that the answer is not to be learned.

    A `label` may be the name or number of a class, so it says so as false, and as text only beside a completion.
    """
    value = record.get(name)
    if value is False:
        return True
    if name == "label":
        return "completion" in record and _says(value, "false")
    return value == 0 or _says(value, "false", "0")


def is_answer(value: Any) -> bool:
    """Whether a field may hold an answer: text, a turn or a list of turns, and not a number or a flag."""
    return isinstance(value, str | list | dict) and holds(value)


def is_pair(record: Mapping[str, Any]) -> bool:
    """Whether a record holds an answer that was chosen, and one that was rejected."""
    return is_answer(record.get(CHOSEN)) and is_answer(record.get(REJECTED[0]))


def turns_of(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every turn of a record that names a role, with its place, such as `messages[2]` or `chosen`."""
    for name, value in record.items():
        if _is_turn(value):
            yield name, value
        for number, turn in enumerate(_turns_in(value)):
            if _is_turn(turn):
                yield f"{name}[{number}]", turn


def without(record: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The record without these fields, also within its turns; turns may be in lists or alone."""
    if not names:
        return dict(record)
    left_out = frozenset(names)
    return {name: _inner(value, left_out) for name, value in record.items() if name not in left_out}


def _inner(value: Any, names: Set[str]) -> Any:
    if isinstance(value, str) and any(_is_turn(turn) and names & turn.keys() for turn in _turns_in(value)):
        value = as_list(value)
    if isinstance(value, list):
        return [_inner(item, names) if isinstance(item, dict) else item for item in value]
    if _is_turn(value):
        return {name: inner for name, inner in value.items() if name not in names}
    return value


def _turns_in(value: Any) -> list[Any]:
    """The items of a list, or of one that is JSON text."""
    listed = as_list(value)
    return listed if isinstance(listed, list) else []


def _is_hollow(item: Any) -> bool:
    """Whether it is an object of nulls, as tables have in the place of none."""
    return isinstance(item, dict) and not holds(item)


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and ("role" in value or "from" in value)


def _says(value: Any, *words: str) -> bool:
    return isinstance(value, str) and value.strip().lower() in words
