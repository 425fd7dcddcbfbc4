"""`input-output`: a question and its answer under other usual names, such as OpenMathReasoning's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.beside import as_json, parsed, passage_of
from icon.samples.fields import holds
from icon.samples.formats._contents import calls_of
from icon.samples.formats._conversations import turn_sample
from icon.samples.formats._turns import OPENAI, Turn, listed_turns, shape_of, turns_among
from icon.samples.making import make_sample, single_turn
from icon.samples.rows import FieldFault, required_text
from icon.types import Message, Sample

PAIRS = (
    ("problem", "generated_solution"),
    ("problem", "solution"),
    ("query", "response"),
    ("query", "answer"),
    ("query", "answers"),
    ("question", "solution"),
    ("input", "output"),
    ("inputs", "targets"),
)
"""Names of question and answer: OpenMathReasoning, NuminaMath and OpenR1-Math, ms-swift and MetaMath, xLAM (whose
`answers` are calls of tools), plain pairs and Nemotron (whose `input` may be turns), Aya."""


class UsualNames:
    """Reader of a question and its answer under other usual names; any format that fits comes first."""

    name = "input-output"
    summary = "a question and its answer as input and output, problem and (generated_)solution, query and response"
    is_fallback = True

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has both fields of a pair."""
        return _pair(record) is not None

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; where the question is a list of turns, earlier answers are part of the prompt.

        Raises:
            FieldFault: A field is missing, blank or of the wrong type.
        """
        asked, answered = _pair(record) or PAIRS[6]
        turns = listed_turns(record.get(asked))
        if turns is not None:
            before = turns_among(turns, asked, shape_of(turns[0], OPENAI))
            if before[-1].role not in ("user", "tool"):
                raise FieldFault(asked, "no user turn at its end", "a list of turns whose last one is the user's")
            last = Turn(Message("assistant", required_text(record, answered)), answered)
            return [turn_sample(record, row, [*before, last], len(before), is_last=True, read=(asked,))]
        question = required_text(record, asked)
        calls = _calls(record, answered)
        answer = "" if calls else required_text(record, answered)
        passage, label, counted = passage_of(record, question, read=(asked,))
        made = single_turn(question)
        return [
            make_sample(record, row, made, answer, passage=passage, passage_label=label, calls=calls, counted=counted)
        ]


def _pair(record: Mapping[str, Any]) -> tuple[str, str] | None:
    return next((pair for pair in PAIRS if pair[0] in record and pair[1] in record), None)


def _calls(record: Mapping[str, Any], answered: str) -> str:
    """The calls that are the answer, as JSON; an empty text where the answer is one of text."""
    value = record[answered] if answered == "answers" else None
    if not holds(value):
        return ""
    valid = "calls of tools: a list of objects with a name and arguments, or its JSON"
    return as_json(calls_of(parsed(value, answered, valid), answered))
