"""Makes a sample from texts: its messages, its content id, and the checks on its texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal

from icon.samples.beside import (
    counted_of,
    how_to_ignore,
    reasoning_of,
    refuse_unread,
    tools_of,
    with_history,
    with_system,
)
from icon.samples.fields import CHOSEN, DESIRED, NO_PLACE, REASONING, REJECTED, SYSTEM, TOOLS, lists
from icon.samples.rows import FieldFault, group_of
from icon.types import Message, Sample

MAX_FIELD_CHARS = 1_000_000

_HASHED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
_TEXT: Callable[[str], str] = json.encoder.encode_basestring
"""Writes a text as `_HASHED` does, without the encoder that it makes anew each time."""

_BESIDE = frozenset((*SYSTEM, *TOOLS, *NO_PLACE, *REASONING, CHOSEN, *REJECTED, *DESIRED, "history"))
"""Fields that may hold more than the turns of a record; most records have none of them."""


def content_id(
    messages: Iterable[Message], passage: str, response: str, beside: Mapping[str, Any] | None = None
) -> str:
    """Content id of a sample: 16 hex digits of blake2b over prompt and response, and over what is beside them.

    The hashed text is a JSON array, so that no text can pass for the boundary between two. Row, group and source
    are left out, and so is the passage's label. With 64 bits, ten million distinct samples share an id with a
    probability of 3 in a million.

    Args:
        messages: The turns before the response.
        passage: The passage.
        response: The response.
        beside: What else the record holds for the model or for training, by name; a sample without it has the id that
            follows from its texts alone.
    """
    turns = ",".join([_turn(turn) for turn in messages])
    more = f",{_HASHED.encode(beside)}" if beside else ""
    data = f"[[{turns}],{_TEXT(passage)},{_TEXT(response)}{more}]"
    # surrogatepass: a lone surrogate is refused by the checks, which need the sample first
    return blake2b(data.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _turn(turn: Message) -> str:
    """A turn as the hashed array has it."""
    more = f",{_TEXT(turn.beside)}" if turn.beside else ""
    return f"[{_TEXT(turn.role)},{_TEXT(turn.content)}{more}]"


def single_turn(prompt: str, system: str = "") -> tuple[Message, ...]:
    """A user turn, after the system prompt where there is one."""
    user = Message("user", prompt)
    return (Message("system", system), user) if system else (user,)


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
    read: Collection[str] = (),
    reasoning: str | None = None,
    calls: str = "",
    counted: Mapping[str, Any] | None = None,
) -> Sample:
    """A sample with its content id, the record's group, and what the record holds beside its turns.

    System prompts, histories and tools in fields of their own become part of the sample.

    Args:
        record: The record.
        row: Its number.
        messages: The turns before the response.
        response: The response.
        passage: As in `Sample`, and so are the label, `rendered`, the source and the turn.
        passage_label: The passage's label.
        rendered: Whether the last message is a finished prompt.
        source: The data set.
        turn: Which assistant turn it is.
        read: Fields with such a name that the reader has taken into account already.
        reasoning: The reasoning before the response; None for that of the record itself.
        calls: The calls of tools that the response makes, as JSON.
        counted: What makes this sample another one beside its texts, by name.

    Raises:
        FieldFault: A field holds something for the model that a sample cannot carry.
    """
    has_more = not _BESIDE.isdisjoint(record)
    turns = list(messages)
    if has_more:
        refuse_unread(record, read)
        turns = with_history(record, with_system(record, messages, read), read)
    if rendered and turns != list(messages):
        name = next(name for name in (*SYSTEM, "history") if name not in read and lists(record.get(name)))
        found = "a system prompt or history beside a finished prompt"
        raise FieldFault(name, found, f"a prompt that has all of it; {how_to_ignore(name)}")
    tools = tools_of(record, read) if has_more else ""
    if reasoning is None:
        reasoning = reasoning_of(record, read=read) if has_more else ""
    of_record = counted_of(record, read) if has_more else {}
    beside = {"tools": tools, "reasoning": reasoning, "calls": calls, **(counted or {}), **of_record}
    return Sample(
        id=content_id(turns, passage, response, {name: value for name, value in beside.items() if value}),
        row=row,
        messages=tuple(turns),
        response=response,
        passage=passage,
        passage_label=passage_label,
        rendered=rendered,
        group=group_of(record),
        source=source,
        turn=turn,
        tools=tools,
        reasoning=reasoning,
        calls=calls,
    )


def check_sample(sample: Sample, record: Mapping[str, Any], max_field_chars: int = MAX_FIELD_CHARS) -> None:
    """Refuse texts that cannot be scored or stored: blank, too long, with NUL or with lone surrogates.

    Args:
        sample: The sample as a reader made it.
        record: The record it was made from, to name the field at fault.
        max_field_chars: Longest text of a sample, in characters.

    Raises:
        FieldFault: The first such text.
    """
    for part, text in () if _is_sound(sample, max_field_chars) else _texts(sample):
        if text.isascii() and "\0" not in text and len(text) <= max_field_chars:
            continue
        if fault := _fault(text, max_field_chars):
            raise FieldFault(_place(record, text) or part, *fault)
    for part, text in (("prompt", sample.instruction), ("response", sample.response)):
        if not text.strip():
            raise FieldFault(part, "blank text", "text that is not blank")


def _is_sound(sample: Sample, max_field_chars: int) -> bool:
    """Whether all texts together have nothing that is refused, as those of nearly every sample."""
    turns = [text for turn in sample.messages for text in (turn.content, turn.beside, turn.reasoning)]
    names = (sample.group or "", sample.source or "", sample.tools, sample.reasoning)
    whole = "".join((sample.response, sample.passage, *turns, *names))
    if len(whole) > max_field_chars or "\0" in whole:
        return False
    try:
        return whole.isascii() or bool(whole.encode())
    except UnicodeEncodeError:
        return False


def _texts(sample: Sample) -> Iterator[tuple[str, str]]:
    yield "response", sample.response
    for message in sample.messages:
        yield "prompt", message.content
        yield "prompt", message.beside
        yield "prompt", message.reasoning
    yield "passage", sample.passage
    yield "group", sample.group or ""
    yield "source", sample.source or ""
    yield "tools", sample.tools
    yield "reasoning", sample.reasoning


def _fault(text: str, max_field_chars: int) -> tuple[str, str] | None:
    if len(text) > max_field_chars:
        return f"text of {len(text):,} characters", f"at most {max_field_chars:,} characters"
    if (at := text.find("\0")) >= 0:
        return f"a NUL character at offset {at}", "text without NUL characters"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = f"a lone surrogate (U+{ord(text[error.start]):04X}) at offset {error.start}"
        return found, "surrogates in pairs only"
    return None


def _place(record: Mapping[str, Any], text: str) -> str:
    """Path of the field whose whole value is the text, such as `messages[2].content`; empty if there is none."""
    left: list[tuple[str, Any]] = list(record.items())[::-1]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{path}.{name}", inner) for name, inner in list(value.items())[::-1]]
        elif isinstance(value, list):
            left += [(f"{path}[{number}]", inner) for number, inner in list(enumerate(value))[::-1]]
        elif isinstance(value, str) and value == text:
            return path
    return ""
