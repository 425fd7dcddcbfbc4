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


def to_do(sample: Sample) -> str:
    """What lets a sample with tools, calls or results be scored where a template shows none of them.

    Options that leave them out are named together, and only where they leave a sample: results have no such option,
    nor has an earlier answer that is nothing but a call.
    """
    calling = [turn for turn in sample.messages if "tool_calls" in json.loads(turn.beside or "{}")]
    options = [*(["--ignore tools"] if sample.tools else []), *(["--ignore tool_calls"] if calling else [])]
    made_of_them = any(turn.role == "tool" for turn in sample.messages) or any(not t.content.strip() for t in calling)
    without = (
        "no option leaves results out, or an answer that is nothing but a call"
        if made_of_them
        else f"or records without them: {' '.join(options)}"
    )
    return (
        "--template chat with a model whose chat template shows them (the forms of Qwen, Hermes, Llama 3.1 and "
        "DeepSeek do), or a .jinja file that does (--template tools.jinja; the reference has one to copy, under Tools "
        f"and their calls); {without}"
    )


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
