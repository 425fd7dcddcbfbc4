"""`prompt-completion`: {prompt, completion} or {prompt, response}, as texts or as TRL's lists of messages.

A list may be JSON text, as tables have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.beside import passage_of
from icon.samples.formats._conversations import turn_sample
from icon.samples.formats._turns import OPENAI, listed_turns, read_turn, shape_of, turns_among
from icon.samples.making import make_sample, single_turn
from icon.samples.rows import FieldFault, describe, required_text
from icon.types import Sample


class PromptCompletion:
    """Reader of prompts and completions; a prompt that is a text is one user turn, a finished prompt or not."""

    name = "prompt-completion"
    summary = "prompt and completion (or response), as texts or lists of messages"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a prompt and a completion or response."""
        return "prompt" in record and ("completion" in record or "response" in record)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; earlier assistant turns of a prompt are part of the prompt.

        Raises:
            FieldFault: A field is missing, blank or of the wrong type, or prompt and completion are not of one kind.
        """
        if "completion" in record and "response" in record:
            raise FieldFault("completion", "a completion and a response", "one of the two")
        answer = "response" if "response" in record else "completion"
        asked, answered = listed_turns(record.get("prompt")), listed_turns(record.get(answer))
        if asked is not None:
            return [_from_messages(record, row, answer, asked, answered)]
        prompt, response = required_text(record, "prompt"), required_text(record, answer)
        if answered is not None:
            advice = f"to score the JSON itself: --column prompt=prompt --column response={answer}"
            found = "turns as JSON text, beside a prompt of text"
            raise FieldFault(answer, found, f"both as texts or both as lists; {advice}")
        passage, label, counted = passage_of(record, prompt)
        asked_once = single_turn(prompt)
        return [make_sample(record, row, asked_once, response, passage=passage, passage_label=label, counted=counted)]


def _from_messages(
    record: Mapping[str, Any], row: int, answer: str, asked: list[Any], answered: list[Any] | None
) -> Sample:
    if answered is None or len(answered) != 1:
        found = f"a list of {len(answered)} messages" if answered else describe(record.get(answer))
        raise FieldFault(answer, found, "a list of one assistant message, as the prompt is a list")
    before = turns_among(asked, "prompt", shape_of(asked[0], OPENAI))
    if not before or before[-1].role not in ("user", "tool"):
        raise FieldFault("prompt", "no user turn at its end", "a list of messages whose last one is the user's")
    last = read_turn(answered[0], f"{answer}[0]", shape_of(answered[0], OPENAI))
    if last.role != "assistant":
        raise FieldFault(f"{answer}[0].role", f"the role {last.role!r}", "assistant")
    passage = passage_of(record, before[-1].message.content)
    return turn_sample(record, row, [*before, last], len(before), is_last=True, passage=passage)
