"""A sample as the messages and tools that a model's chat template renders."""

from __future__ import annotations

import json
from collections.abc import Iterator

from icon.types import Message, Sample

Turn = dict[str, object]
"""One message as templates read it: role, content, and what else the turn holds, such as `tool_calls`."""


def conversation(sample: Sample, *, parts: bool = False) -> list[Turn]:
    """Every turn before the answer; a passage joins the last turn after a blank line.

    Args:
        sample: The sample.
        parts: Whether the template reads contents as lists of parts, as those of models that also read images do.
    """
    turns = [_turn(message, parts=parts) for message in sample.messages]
    if sample.passage:
        turns[-1]["content"] = content(f"{sample.messages[-1].content}\n\n{sample.passage}", parts=parts)
    return turns


def reasoning_left_out(sample: Sample, prompt: str) -> bool:
    """Whether earlier turns have reasoning that is not in the prompt."""
    return any(message.reasoning.strip() not in prompt for message in sample.messages)


def tools(sample: Sample) -> list[object] | None:
    """The definitions of the tools that the model may call; None where there are none."""
    found: list[object] | None = json.loads(sample.tools) if sample.tools else None
    return found


def readings(turns: list[Turn]) -> Iterator[list[Turn]]:
    """The turns, and then in forms that templates need which fail on them.

    These have the arguments of calls as JSON, which templates join to their own text (DeepSeek's), or "" where a turn
    that calls tools has null as its content.
    """
    yield turns
    as_text, filled = with_arguments_as_text(turns), with_contents(turns)
    yield from (as_text,) if as_text != turns else ()
    if filled != turns:
        yield filled
        yield from (with_contents(as_text),) if as_text != turns else ()


def with_contents(turns: list[Turn]) -> list[Turn]:
    """The turns with an empty text in the place of null."""
    return [{**turn, "content": ""} if turn["content"] is None else turn for turn in turns]


def with_arguments_as_text(turns: list[Turn]) -> list[Turn]:
    """The turns with the arguments of calls as JSON, which is how model interfaces give them; else they are objects."""
    return [_with_text(turn) for turn in turns]


def _with_text(turn: Turn) -> Turn:
    calls = turn.get("tool_calls")
    if not isinstance(calls, list):
        return turn
    made = []
    for call in calls:
        arguments = json.dumps(call["function"]["arguments"], ensure_ascii=False)
        made.append({**call, "function": {**call["function"], "arguments": arguments}})
    return {**turn, "tool_calls": made}


def content(text: str, *, parts: bool) -> str | list[dict[str, str]]:
    """A text as the content of a message: as it is, or as the only part of a list."""
    return [{"type": "text", "text": text}] if parts else text


def _turn(message: Message, *, parts: bool) -> Turn:
    more: Turn = {"reasoning_content": message.reasoning} if message.reasoning else {}
    if message.beside:
        more |= json.loads(message.beside)
    return {"role": message.role, "content": content(message.content, parts=parts), **more}
