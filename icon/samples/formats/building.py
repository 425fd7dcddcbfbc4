"""What all readers do alike: a prompt as messages, and a sample with its id and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from icon.samples.fields import describe, group_of
from icon.samples.ids import content_id
from icon.samples.rows import FieldFault
from icon.types import Message, Sample


def single_turn(prompt: str, system: str = "") -> tuple[Message, ...]:
    """A user turn, behind the system prompt where there is one."""
    user = Message("user", prompt)
    return (Message("system", system), user) if system else (user,)


def history_turns(record: Mapping[str, Any]) -> list[Message]:
    """The turns of a field `history`, a list of [question, answer] pairs; none where there is no such list.

    Raises:
        FieldFault: It is no such list.
    """
    pairs = record.get("history") or []
    valid = "a list of [question, answer] pairs of texts"
    if not isinstance(pairs, list):
        raise FieldFault("history", describe(pairs), valid)
    turns: list[Message] = []
    for number, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(each, str) for each in pair):
            raise FieldFault(f"history[{number}]", describe(pair), valid)
        turns += [Message("user", pair[0]), Message("assistant", pair[1])]
    return turns


def make_sample(
    record: Mapping[str, Any],
    row: int,
    messages: Sequence[Message],
    response: str,
    *,
    passage: str = "",
    passage_label: Literal["Input", "Context"] = "Input",
    rendered: bool = False,
    source: str | None = None,
    turn: int = 0,
) -> Sample:
    """The sample with its content id, and the group that the record gives it."""
    return Sample(
        id=content_id(messages, passage, response),
        row=row,
        messages=tuple(messages),
        response=response,
        passage=passage,
        passage_label=passage_label,
        rendered=rendered,
        group=group_of(record),
        source=source,
        turn=turn,
    )
