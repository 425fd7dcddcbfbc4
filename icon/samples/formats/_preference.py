"""`preference`: pairs of a chosen and a rejected answer, of which the chosen one is the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.fields import CHOSEN, holds, is_pair
from icon.samples.formats._conversations import call_in_answer, list_field, turn_sample
from icon.samples.formats._turns import OPENAI, Turn, read_turn, read_turns, shape_of
from icon.samples.making import make_sample
from icon.samples.rows import FieldFault, describe, optional_text, required_text
from icon.types import Message, Sample

PROMPTS = ("prompt", "instruction", "question", "query", "input")
"""Fields of a prompt that is a text; `input` beside `instruction` is its passage."""

VALID = "an answer: text, a turn of the assistant, or the whole conversation as a list of turns"


class Preference:
    """Reader of preference pairs as TRL, LLaMA-Factory and published data sets have them.

    The prompt is a text, a list of turns, or part of the chosen conversation. The rejected answer is no part of the
    sample, but its id covers it.
    """

    name = "preference"
    summary = "chosen and rejected answers, beside a prompt or turns or as whole conversations; chosen is the response"

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has a chosen and a rejected answer."""
        return is_pair(record)

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's one sample; earlier assistant turns are part of the prompt, since no pair is about them.

        Raises:
            FieldFault: The chosen answer is missing or not one of text, or nothing says what it answers.
        """
        chosen = record.get(CHOSEN)
        listed = next((name for name in ("messages", list_field(record), "prompt") if _is_list(record.get(name))), None)
        if isinstance(chosen, str) and chosen.strip() and listed is None:
            return [_of_texts(record, row, chosen)]
        turns = _chosen(chosen)
        if all(turn.role == "assistant" for turn in turns):
            turns = [*_asked(record, listed), *turns]
        elif listed == "prompt":
            _refuse_another(record["prompt"], turns)
        answer = turns[-1]
        if answer.message.beside:
            raise call_in_answer(CHOSEN)
        if answer.role != "assistant" or len(turns) < 2 or turns[-2].role == "assistant":
            raise FieldFault(CHOSEN, "no answer of text after a user's turn, at its end", VALID)
        return [turn_sample(record, row, turns, len(turns) - 1, is_last=True, read=(CHOSEN,))]


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _chosen(value: Any) -> list[Turn]:
    """The chosen answer as turns: one, or a whole conversation."""
    if isinstance(value, str) and value.strip():
        return [Turn(Message("assistant", value))]
    if isinstance(value, dict):
        return [read_turn(value, CHOSEN, shape_of(value, OPENAI))]
    if not _is_list(value):
        raise FieldFault(CHOSEN, describe(value), VALID)
    if len(value) == 1:
        return [read_turn(value[0], f"{CHOSEN}[0]", shape_of(value[0], OPENAI))]
    return read_turns(value, CHOSEN, shape_of(value[0], OPENAI))


def _asked(record: Mapping[str, Any], listed: str | None) -> list[Turn]:
    """The turns before the answer, from a list of turns or a prompt of text."""
    if listed is None:
        return [Turn(Message("user", required_text(record, _prompt_field(record))))]
    turns = read_turns(record[listed], listed, shape_of(record[listed][0], OPENAI))
    if turns[-1].role not in ("user", "tool"):
        found = f"a turn of role {turns[-1].role!r} at its end"
        raise FieldFault(listed, found, "turns that the chosen answer follows")
    return turns


def _prompt_field(record: Mapping[str, Any]) -> str:
    name = next((name for name in PROMPTS if holds(record.get(name))), None)
    if name is None:
        valid = f"a text in one of {', '.join(PROMPTS)}, or turns"
        raise FieldFault("prompt", "no prompt beside the chosen answer", valid)
    return name


def _of_texts(record: Mapping[str, Any], row: int, response: str) -> Sample:
    name = _prompt_field(record)
    messages = [Message("user", required_text(record, name))]
    passage = optional_text(record, "input") if name == "instruction" else ""
    return make_sample(record, row, messages, response, passage=passage, read=(CHOSEN,))


def _refuse_another(prompt: list[Any], turns: list[Turn]) -> None:
    """Refuse a prompt that the chosen conversation does not begin with."""
    asked = read_turns(prompt, "prompt", shape_of(prompt[0], OPENAI))
    if [turn.message for turn in turns[: len(asked)]] != [turn.message for turn in asked]:
        raise FieldFault(CHOSEN, "a conversation that does not begin with the prompt", "the prompt and its answer")
