"""Parts of a conversation that a chat template may leave out without a word: tools, their calls and results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from icon.types import Message, Sample


def bare_samples(sample: Sample) -> Iterator[tuple[str, Sample]]:
    """The sample without each of these parts, with the part's name."""
    if sample.tools:
        yield "tools", replace(sample, tools="")
    called = tuple(
        replace(turn, beside=_without_calls(turn.beside)) if turn.role == "assistant" else turn
        for turn in sample.messages
    )
    if called != sample.messages:
        yield "calls of tools", replace(sample, messages=called)
    silent = tuple(Message("tool", "", turn.beside) if turn.role == "tool" else turn for turn in sample.messages)
    if silent != sample.messages:
        yield "results of tools", replace(sample, messages=silent)


def _without_calls(beside: str) -> str:
    """What stands beside a turn's text but for its calls: whether null is in the text's place."""
    left = {name: value for name, value in json.loads(beside or "{}").items() if name != "tool_calls"}
    return json.dumps(left) if left else ""


def unseen_part(sample: Sample, rendered: Callable[[Sample], str], faults: tuple[type[Exception], ...]) -> str | None:
    """The first part without which a template renders the same prompt, so the model does not see it; else None.

    Args:
        sample: The sample.
        rendered: Renders the prompt of a sample.
        faults: What it raises where the template fails, as one does that reads the part which is not there.
    """
    for what, bare in bare_samples(sample):
        try:
            if rendered(bare) == rendered(sample):
                return what
        except faults:
            continue
    return None
