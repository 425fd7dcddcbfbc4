"""Parts of a conversation that a chat template may leave out without a word: tools, their calls and results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from icon.types import Message, Sample


def bare_samples(sample: Sample) -> Iterator[tuple[str, Sample]]:
    """The sample without each of these parts, with the part's name.

    A template that renders such a sample as it renders the whole one does not show the part to the model.
    """
    if sample.tools:
        yield "tools", replace(sample, tools="")
    called = tuple(replace(turn, beside="") if turn.role == "assistant" else turn for turn in sample.messages)
    if called != sample.messages:
        yield "calls of tools", replace(sample, messages=called)
    silent = tuple(Message("tool", "", turn.beside) if turn.role == "tool" else turn for turn in sample.messages)
    if silent != sample.messages:
        yield "results of tools", replace(sample, messages=silent)
