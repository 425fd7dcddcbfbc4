"""What the user chose to become of parts of a record that are apart from its answer, and the samples that follow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from icon.config import RunConfig
from icon.plugins import Reader
from icon.samples.fields import CALLS, CHOSEN, REJECTED, TURN_CALLS, is_pair, lists, turns_of, without
from icon.samples.rows import FieldFault
from icon.samples.thinking import after_reasoning, mark_of, nothing_else
from icon.types import Message, Sample

Reasoning = Literal["error", "response", "ignore"]
Calls = Literal["error", "response"]
Preferred = Literal["chosen", "rejected"]

FORM = "<think>\n{}\n</think>\n\n{}"
"""Reasoning and answer as one response, as the chat templates of Qwen3 and DeepSeek-R1 write them."""

CALL = '<tool_call>\n{{"name": {}, "arguments": {}}}\n</tool_call>'
"""A call as text, as the chat templates of Hermes, Qwen 2.5 and Qwen 3 write it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How the records of a source become samples.

    Attributes:
        every_turn: Whether every assistant turn is a sample, instead of the last one alone.
        reasoning: What becomes of reasoning that is apart from its answer: the row is refused (`error`), it is put in
            front of the answer (`response`, as `FORM`), or left out. Of what a response begins with between marks: it
            stays, or is left out.
        tool_calls: What becomes of an answer that calls a tool: the row is refused (`error`), or the call is scored as
            a text behind what the answer says (`response`, as `CALL`).
        preference: Which answer of a preference pair is the response.
        ignore: Fields that the model need not see, of records and their turns; no reader sees them.
        inline: Whether `reasoning` is also of what a response begins with; it was not in earlier versions.
    """

    every_turn: bool = False
    reasoning: Reasoning = "error"
    tool_calls: Calls = "error"
    preference: Preferred = "chosen"
    ignore: tuple[str, ...] = ()
    inline: bool = True

    @classmethod
    def of(cls, config: RunConfig, *, inline: bool) -> Choices:
        """Those of a run, which may be of an earlier version (`inline`)."""
        return cls(
            every_turn=config.turns == "every",
            reasoning=config.reasoning,
            tool_calls=config.tool_calls,
            preference=config.preference,
            ignore=tuple(config.ignore),
            inline=inline,
        )

    @property
    def cuts_reasoning(self) -> bool:
        """Whether reasoning at the beginning of an answer is left out."""
        return self.inline and self.reasoning == "ignore"


def record_samples(
    reader: Reader, fields: Mapping[str, Any], row: int, choices: Choices, marks: Counter[str] | None = None
) -> list[Sample]:
    """The samples that a reader makes of a record, as they are scored.

    Args:
        reader: Knows the record's format.
        fields: The record.
        row: Its number.
        choices: What becomes of parts of it.
        marks: Counts, by mark, the responses that begin with reasoning, and earlier answers where it is left out.

    Raises:
        FieldFault: The record is not a sample.
    """
    record = without(fields, choices.ignore)
    if choices.preference == "rejected" and is_pair(record):
        rejected = REJECTED[0]
        record = {**record, CHOSEN: record[rejected], rejected: record[CHOSEN]}
    samples = reader.samples(record, row, every_turn=choices.every_turn)
    if choices.tool_calls == "error" and any(not sample.calls for sample in samples):
        samples = [sample for sample in samples if not sample.calls]  # as context of the others they are scored
    if marks is not None:
        answers = [answer for sample in samples for answer in _answers(sample, choices)]
        if found := [mark for answer in answers if (mark := mark_of(answer))]:
            marks.update(found)
    return [_settled(sample, record, choices) for sample in samples]


def _settled(sample: Sample, record: Mapping[str, Any], choices: Choices) -> Sample:
    """The sample as it is scored. Its id stays: it covers reasoning and calls whatever becomes of them.

    Reasoning of earlier turns stays theirs, for the chat template to show or leave out, unless it is ignored.

    Raises:
        FieldFault: There are calls or reasoning, and it is not said what becomes of them.
    """
    if choices.reasoning == "ignore" and any(turn.reasoning for turn in sample.messages):
        sample = replace(sample, messages=tuple(replace(turn, reasoning="") for turn in sample.messages))
    if choices.cuts_reasoning:
        sample = _without_inline(sample)
    if sample.calls and choices.tool_calls == "error":
        raise _call_fault(record, sample)
    if sample.reasoning and choices.reasoning == "error":
        raise FieldFault(
            "reasoning",
            f"reasoning of {len(sample.reasoning):,} characters apart from the answer",
            "to say what becomes of it: --reasoning response scores it as part of the response, --reasoning ignore "
            "leaves it out (of an assessment file: -o assessment.reasoning=response)",
        )
    response = "\n".join([*([sample.response] if sample.response.strip() else []), *_calls_as_text(sample.calls)])
    if sample.reasoning and choices.reasoning == "response":
        response = FORM.format(sample.reasoning, response)
    return replace(sample, response=response, reasoning="", calls="") if sample.calls or sample.reasoning else sample


def _answers(sample: Sample, choices: Choices) -> Iterator[str]:
    """The response, and the earlier answers where their reasoning is left out, too."""
    yield sample.response
    if choices.cuts_reasoning:
        yield from (turn.content for turn in sample.messages if turn.role == "assistant")


def _without_inline(sample: Sample) -> Sample:
    """The sample without the reasoning that its response and earlier answers begin with.

    Raises:
        FieldFault: The response is nothing else.
    """
    if mark := mark_of(sample.response):
        answer = after_reasoning(sample.response)
        if mark_of(answer) or not (answer or sample.calls):
            raise nothing_else(mark)
        sample = replace(sample, response=answer)
    if any(turn.role == "assistant" and mark_of(turn.content) for turn in sample.messages):
        sample = replace(sample, messages=tuple(map(_earlier, sample.messages)))
    return sample


def _earlier(turn: Message) -> Message:
    return replace(turn, content=after_reasoning(turn.content)) if turn.role == "assistant" else turn


def _calls_as_text(calls: str) -> list[str]:
    functions = [call["function"] for call in json.loads(calls)] if calls else []
    return [CALL.format(_json(function["name"]), _json(function["arguments"])) for function in functions]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # with blanks, as the templates' own filter has it


def _call_fault(record: Mapping[str, Any], sample: Sample) -> FieldFault:
    """The fault of an answer that calls a tool, whatever it says beside."""
    places = [
        place
        for place, turn in turns_of(record)
        if any(lists(turn.get(name)) for name in TURN_CALLS) or (turn.get("role") or turn.get("from")) in CALLS
    ]
    ways = [
        ("the call as text", "--tool-calls response", " (of an assessment file: -o assessment.tool_calls=response)")
    ]
    if sample.response.strip():
        ways.append(("the answer's text alone", "--ignore tool_calls", ""))
    said = (f"to score {what}: {option}{_with_tools(option, sample)}{more}" for what, option, more in ways)
    valid = "; ".join(["an answer of text that is to be learned, which is the response", *said])
    place = places[-1] if places else "answers"
    return FieldFault(place, "a call of a tool in the answer that would be scored", valid)


def _with_tools(option: str, sample: Sample) -> str:
    """What more the option needs where the template shows no tools, as that of the default model does not."""
    if any(turn.role == "tool" for turn in sample.messages):
        return ", with a template that shows results of tools"
    return f" (where the template shows no tools: {option} --ignore tools)" if sample.tools else ""
