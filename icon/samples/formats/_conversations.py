"""Conversations as lists of turns: `messages` and `sharegpt`, read by the rules of `_turns` and split into samples.

A user turn after the last assistant turn has no response: it belongs to no sample and is left out. An answer that a
mark says is not to be learned is no response either; it is a part of later prompts. What becomes of an answer that
calls a tool is decided later (`icon.samples.choices`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from icon.samples.beside import NO_PASSAGE, Passage, reasoning_of
from icon.samples.fields import as_list
from icon.samples.formats._contents import called_by
from icon.samples.formats._turns import OPENAI, SHAREGPT, Turn, TurnShape, read_turns, shape_of
from icon.samples.making import make_sample
from icon.samples.rows import FieldFault
from icon.types import Message, Sample

LEARNED = "an answer of text that is to be learned, which is the response"


def conversation_samples(
    record: Mapping[str, Any], row: int, field: str, turns: Sequence[Turn], *, every_turn: bool
) -> list[Sample]:
    """The samples of a conversation: its last answer to be learned as the response to all before it, or every one.

    Raises:
        FieldFault: There is no such answer.
    """
    answers = [place for place, turn in enumerate(turns) if turn.role == "assistant"]
    if not answers:
        raise FieldFault(field, "no assistant turn", "at least one, which is the response")
    learned = [place for place in answers if turns[place].learned]
    if not learned:
        raise FieldFault(field, "marks on every assistant turn that it is not to be learned", LEARNED)
    return [
        turn_sample(record, row, turns, place, is_last=place == learned[-1])
        for place in (learned if every_turn else learned[-1:])
    ]


def turn_sample(
    record: Mapping[str, Any],
    row: int,
    turns: Sequence[Turn],
    place: int,
    *,
    is_last: bool,
    read: Sequence[str] = (),
    passage: Passage = NO_PASSAGE,
) -> Sample:
    """The sample whose response is the turn of that place.

    Its id covers the reasoning of earlier turns, which their messages have, and how much each is learned.

    Args:
        record: The record.
        row: Its number.
        turns: All turns.
        place: The place of the response.
        is_last: Whether reasoning that the record has outside its turns belongs to this response.
        read: Fields that the reader has taken into account.
        passage: The passage of the last question.

    Raises:
        FieldFault: The record holds something for the model that a sample cannot carry.
    """
    before = [turn for turn in turns[:place] if turn.role == "assistant"]
    thoughts = [turn.reasoning for turn in before]
    unlearned = [number for number, turn in enumerate(before) if not turn.learned]
    weights = [turn.weight for turn in (*before, turns[place]) if turn.learned]
    counted = {
        "reasoning before": thoughts if any(thoughts) else None,
        "not learned": unlearned,
        "weights": weights if set(weights) != {1.0} else None,
        **passage.counted,
    }
    if not turns[place].learned:
        raise FieldFault("", "a mark on the answer that it is not to be learned", LEARNED)
    own = turns[place].reasoning
    if is_last and own and reasoning_of(record, read=read) not in ("", own):
        raise FieldFault("reasoning", "other reasoning in the record than in its last turn", "one of them")
    return make_sample(
        record,
        row,
        [_with_reasoning(turn) for turn in turns[:place]],
        turns[place].message.content,
        passage=passage.text,
        passage_label=passage.label,
        turn=len(before),
        read=read,
        reasoning=own if own or not is_last else None,
        calls=called_by(turns[place].message),
        counted=counted,
    )


def _with_reasoning(turn: Turn) -> Message:
    message = turn.message
    return replace(message, reasoning=turn.reasoning) if turn.reasoning else message


class Messages:
    """Reader of conversations in the form of OpenAI's API and of most chat templates."""

    name = "messages"
    summary = "messages: a list of {role: system, user, assistant or tool; content}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a list of messages."""
        return isinstance(as_list(record.get("messages")), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last answer as a sample, or every answer (see the rules of the module).

        Raises:
            FieldFault: The list is missing, or a turn breaks the rules.
        """
        turns = read_turns(record.get("messages"), "messages", OPENAI)
        return conversation_samples(record, row, "messages", turns, every_turn=every_turn)


class ShareGpt:
    """Reader of ShareGPT's conversations, also of other turns under the name of its list.

    These are {role, content}, LIMA's texts, and Capybara's {input, output}.
    """

    name = "sharegpt"
    summary = "conversations: a list of {from: system, human, gpt or tool; value}, of texts, or of {input, output}"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a list of conversations."""
        return isinstance(as_list(record.get(list_field(record))), list)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The last answer as a sample, or every answer (see the rules of the module).

        Raises:
            FieldFault: The list is missing, or a turn breaks the rules.
        """
        field = list_field(record)
        turns = read_turns(record.get(field), field, shape_within(as_list(record.get(field))))
        return conversation_samples(record, row, field, turns, every_turn=every_turn)


def shape_within(value: Any) -> TurnShape:
    """The shape of a list's turns, by its first one; ShareGPT's where that does not say."""
    return shape_of(value[0] if isinstance(value, list) and value else None, SHAREGPT)


def list_field(record: Mapping[str, Any]) -> str:
    """The name of ShareGPT's list in a record."""
    return "conversation" if "conversation" in record and "conversations" not in record else "conversations"
