"""`preference`: pairs of a chosen and a rejected answer, of which the chosen one is the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.samples.beside import NO_PASSAGE, how_to_ignore, passage_of
from icon.samples.fields import CHOSEN, holds, is_pair
from icon.samples.formats._conversations import list_field, turn_sample
from icon.samples.formats._turns import OPENAI, Turn, listed_turns, plain_turns, read_turn, shape_of, turns_among
from icon.samples.rows import FieldFault, describe, required_text
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
        chosen, listed, name = _chosen(record.get(CHOSEN)), _listed(record), _prompt_field(record)
        whole = any(turn.role != "assistant" for turn in chosen)
        turns = chosen if whole else [*_asked(record, listed, name), *chosen]
        if name:
            _refuse_another_text(record, name, turns)
        elif whole and listed and listed[0] == "prompt":
            _refuse_another_beginning(listed[1], turns)
        answer = turns[-1]
        if answer.role != "assistant" or len(turns) < 2 or turns[-2].role == "assistant":
            raise FieldFault(CHOSEN, "no answer of text after a user's turn, at its end", VALID)
        passage = NO_PASSAGE
        if name or (listed and listed[0] == "prompt"):
            passage = passage_of(record, turns[-2].message.content, read=(name,))
        return [turn_sample(record, row, turns, len(turns) - 1, is_last=True, read=(CHOSEN,), passage=passage)]


def _listed(record: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
    """The field that holds turns before the answer, and its turns."""
    for name in ("messages", list_field(record)):
        found = plain_turns(record.get(name))
        if isinstance(found, list) and found:
            return name, found
    asked = listed_turns(record.get("prompt"))
    return None if asked is None else ("prompt", asked)


def _chosen(value: Any) -> list[Turn]:
    """The chosen answer as turns: one, or a whole conversation."""
    listed = listed_turns(value)
    if listed is None and isinstance(value, str) and value.strip():
        return [Turn(Message("assistant", value), CHOSEN)]
    if listed is None:
        raise FieldFault(CHOSEN, describe(value), VALID)
    if len(listed) == 1:
        place = CHOSEN if isinstance(value, dict) else f"{CHOSEN}[0]"
        return [read_turn(listed[0], place, shape_of(listed[0], OPENAI))]
    return turns_among(listed, CHOSEN, shape_of(listed[0], OPENAI))


def _asked(record: Mapping[str, Any], listed: tuple[str, list[Any]] | None, name: str) -> list[Turn]:
    """The turns before the answer, from a list of turns or a prompt of text."""
    if listed is None:
        if not name:
            valid = f"a text in one of {', '.join(PROMPTS)}, or turns"
            raise FieldFault("prompt", "no prompt beside the chosen answer", valid)
        return [Turn(Message("user", required_text(record, name)), name)]
    field, found = listed
    turns = turns_among(found, field, shape_of(found[0], OPENAI))
    if turns[-1].role not in ("user", "tool"):
        at_end = f"a turn of role {turns[-1].role!r} at its end"
        raise FieldFault(field, at_end, "turns that the chosen answer follows")
    return turns


def _prompt_field(record: Mapping[str, Any]) -> str:
    """The field of a prompt that is a text; an empty text where there is none."""
    found = next((name for name in PROMPTS if holds(record.get(name))), "")
    return "" if found == "prompt" and listed_turns(record[found]) else found


def _refuse_another_text(record: Mapping[str, Any], name: str, turns: list[Turn]) -> None:
    """Refuse a prompt of text that is none of the questions; `input` beside turns may be anything."""
    questions = [turn.message.content.strip() for turn in turns if turn.role == "user"]
    if name != "input" and str(record[name]).strip() not in questions:
        found = f"an answer to turns of which the text of {name!r} is no question"
        raise FieldFault(CHOSEN, found, f"the prompt and its answer; {how_to_ignore(name)}")


def _refuse_another_beginning(prompt: list[Any], turns: list[Turn]) -> None:
    """Refuse a prompt of turns that the chosen conversation does not begin with."""
    asked = [turn.message for turn in turns_among(prompt, "prompt", shape_of(prompt[0], OPENAI))]
    if [turn.message for turn in turns[: len(asked)]] != asked:
        raise FieldFault(CHOSEN, "a conversation that does not begin with the prompt", "the prompt and its answer")
