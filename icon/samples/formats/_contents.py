"""The content of a turn: its text, and the calls of tools and names that stand beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from icon.samples.beside import as_json, parsed
from icon.samples.fields import TURN_CALLS, holds, lists
from icon.samples.rows import FieldFault, describe
from icon.types import Message, Role


def beside_of(item: Mapping[str, Any], role: Role, field: str) -> str:
    """What the turn holds beside its text, as JSON (`Message.beside`)."""
    if role == "tool":
        return _json_of({name: item[name] for name in ("tool_call_id", "name") if _names(item.get(name))})
    calls: list[Any] = []
    for name in TURN_CALLS:
        if not lists(item.get(name)):
            continue
        if role != "assistant":
            raise FieldFault(f"{field}.{name}", f"a tool call in a turn of role {role!r}", "calls by the assistant")
        calls += calls_of(item[name], f"{field}.{name}")
    return _json_of({"tool_calls": calls} if calls else {})


def _names(value: Any) -> bool:
    """Whether it is the name of a call or tool, which may be a number."""
    return holds(value) or (isinstance(value, int) and not isinstance(value, bool))


def _json_of(value: dict[str, Any]) -> str:
    return as_json(value) if value else ""


def called_by(message: Message) -> str:
    """The calls of tools in a turn, as a JSON list; empty where there are none."""
    calls = json.loads(message.beside).get("tool_calls") if message.beside else None
    return as_json(calls) if calls else ""


def with_null(beside: str) -> str:
    """What stands beside a text, with null in the text's place, which is another prompt for some templates than ""."""
    return json.dumps({"content": None, **json.loads(beside)}, ensure_ascii=False, separators=(",", ":"))


def calls_of(value: Any, field: str) -> list[Any]:
    """Calls in the form that chat templates read: {type: function, function: {name, arguments}}, arguments an object.

    Raises:
        FieldFault: They are no such calls.
    """
    valid = "calls of tools: objects with a name and arguments, or their JSON"
    found = parsed(value, field, valid)
    calls = []
    for call in found if isinstance(found, list) else [found]:
        function = call.get("function", call) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise FieldFault(field, describe(call), valid)
        arguments = function.get("arguments")
        if isinstance(arguments, str) and arguments.strip():
            arguments = parsed(arguments, field, valid)
        named = {"id": call["id"]} if isinstance(call.get("id"), str) else {}
        calls.append({**named, "type": "function", "function": {**function, "arguments": arguments or {}}})
    return calls


def content_of(value: Any, field: str) -> str:
    """The text of a content: text, or a list of text parts as the OpenAI format allows, joined without separator."""
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
