"""A sample as the messages and tools that a model's chat template renders."""

from __future__ import annotations

import json

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


def tools(sample: Sample) -> list[object] | None:
    """The definitions of the tools that the model may call; None where there are none."""
    found: list[object] | None = json.loads(sample.tools) if sample.tools else None
    return found


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
    more: Turn = json.loads(message.beside) if message.beside else {}
    return {"role": message.role, "content": content(message.content, parts=parts), **more}
