"""What every sample's texts must fulfil, whichever reader made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icon.samples.rows import FieldFault
from icon.types import Sample

MAX_FIELD_CHARS = 1_000_000


def check_sample(sample: Sample, record: Mapping[str, Any], max_field_chars: int = MAX_FIELD_CHARS) -> None:
    """Refuse texts that cannot be scored or stored: blank, too long, with NUL or with lone surrogates.

    Args:
        sample: What a reader made.
        record: What it was made from, to name the field at fault.
        max_field_chars: The longest text, in characters.

    Raises:
        FieldFault: The first such text.
    """
    for part, text in _texts(sample):
        if text.isascii() and "\0" not in text and len(text) <= max_field_chars:
            continue
        if fault := _fault(text, max_field_chars):
            raise FieldFault(_place(record, text) or part, *fault)
    for part, text in (("prompt", sample.instruction), ("response", sample.response)):
        if not text.strip():
            raise FieldFault(part, "blank text", "text that is not blank")


def _texts(sample: Sample) -> Iterator[tuple[str, str]]:
    yield "response", sample.response
    for message in sample.messages:
        yield "prompt", message.content
    yield "passage", sample.passage
    yield "group", sample.group or ""
    yield "source", sample.source or ""


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
    """The path of the field that holds the text, such as `messages[2].content`; empty if none holds it alone."""
    left: list[tuple[str, Any]] = list(record.items())[::-1]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{path}.{name}", each) for name, each in list(value.items())[::-1]]
        elif isinstance(value, list):
            left += [(f"{path}[{number}]", each) for number, each in list(enumerate(value))[::-1]]
        elif isinstance(value, str) and value == text:
            return path
    return ""
