"""The record formats: one reader a file, its name the one users type (with a hyphen for each underscore)."""

from __future__ import annotations

from typing import Any, Protocol

from icon.hooks import Options, Strategy
from icon.protocols import Reader
from icon.samples.formats.alpaca import Alpaca
from icon.samples.formats.dolly import Dolly
from icon.samples.formats.messages import Messages
from icon.samples.formats.openorca import OpenOrca
from icon.samples.formats.prompt_completion import PromptCompletion
from icon.samples.formats.question_answer import QuestionAnswer
from icon.samples.formats.rendered import Rendered
from icon.samples.formats.sharegpt import ShareGpt


class BuiltinReader(Reader, Protocol):
    """A reader with the line that listings and messages show."""

    name: str
    summary: str


_READERS: tuple[type[BuiltinReader], ...] = (
    Alpaca,
    ShareGpt,
    Messages,
    PromptCompletion,
    Dolly,
    OpenOrca,
    QuestionAnswer,
    Rendered,
)


def builtin_readers() -> dict[str, Reader]:
    """The built-in readers by name."""
    return {reader.name: reader() for reader in _READERS}


def reader_strategies() -> list[Strategy]:
    """The built-in readers as strategies."""
    return [Strategy(reader.name, reader.summary, _builder(reader)) for reader in _READERS]


def _builder(reader: type[BuiltinReader]) -> Any:
    def build(options: Options) -> Reader:
        return reader()

    return build
