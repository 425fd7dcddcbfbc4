"""A record as the turns that chat formats hold, or as a single turn, and what would be lost of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icon.results.export._job import Job
from icon.results.export._source import DoesNotFitError, Item
from icon.types import Message, Sample

FIELDS = (
    *("tools", "functions", "documents", "history", "system", "system_prompt"),
    *("image", "images", "video", "videos", "audio", "audios"),
)
"""Fields that other tools show to the model beside the turns."""

TURN_FIELDS = ("tool_calls", "function_call", "tool_call_id", "reasoning_content", "thinking")
"""The same within a turn."""

TURN_MARKS = ("train", "loss", "weight")
"""Fields of a turn that say whether it is learned; only of an answer do they say more than every trainer knows."""

ANSWERS = ("assistant", "gpt")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that ends with an assistant turn.

    Attributes:
        messages: Every turn, a system prompt first where there is one.
        learned: Whether each of them is to be learned, shape as `messages`. Where the run judged a record by its last
            turn these are all assistant turns, as trainers have it; where it judged every turn, the ones exported.
    """

    messages: tuple[Message, ...]
    learned: tuple[bool, ...]

    @property
    def partly(self) -> bool:
        """Whether it holds an assistant turn that is not to be learned."""
        pairs = zip(self.messages, self.learned, strict=True)
        return any(message.role == "assistant" and not learned for message, learned in pairs)


def exported(item: Item) -> list[Sample]:
    """The record's candidates that are exported, by turn.

    Raises:
        DoesNotFitError: The prompt is a finished text, or the record holds more for the model than turns.
    """
    samples = [sample for sample in item.samples if sample.turn in item.turns]
    if samples[-1].rendered:
        raise DoesNotFitError("its prompt is a finished text, which a chat format would wrap once more; use trl-text")
    refuse_losses(item.fields or {}, samples[-1])
    return samples


def prompt_messages(sample: Sample) -> tuple[Message, ...]:
    """The turns before the response. A passage joins the user's turn after a blank line, as in template `chat`."""
    if not sample.passage:
        return sample.messages
    last = sample.messages[-1]
    return (*sample.messages[:-1], Message(last.role, f"{last.content}\n\n{sample.passage}"))


def conversation(item: Item, *, every_turn: bool) -> Conversation:
    """The record once: its turns up to and with the last one that is exported.

    Args:
        item: The record.
        every_turn: Whether the run judged each assistant turn by itself.

    Raises:
        DoesNotFitError: As `exported`.
    """
    samples = exported(item)
    last = samples[-1]
    messages = (*prompt_messages(last), Message("assistant", last.response))
    chosen = {sample.turn for sample in samples}
    learned, answers = [], 0
    for message in messages:
        answer = message.role == "assistant"
        learned.append(answer and (not every_turn or answers in chosen))
        answers += answer
    return Conversation(messages, tuple(learned))


def as_roles(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The turns as {role, content}."""
    return [{"role": message.role, "content": message.content} for message in messages]


def note_partly(job: Job, count: int, advice: str) -> None:
    """Say that some conversations hold turns that were not selected, which the format has no mark for."""
    if count:
        job.notes.append(
            f"{count:,} conversations hold earlier assistant turns that were not selected, and this format cannot mark "
            f"them: {advice}"
        )


def alpaca_record(item: Item) -> dict[str, str]:
    """The record's single turn; the passage is the input.

    Raises:
        DoesNotFitError: It has earlier turns, or cannot be expressed as turns at all.
    """
    sample = exported(item)[-1]
    if sample.history:
        raise DoesNotFitError("it is a conversation of several turns, which this format has no place for")
    return {
        "instruction": sample.instruction,
        "input": sample.passage,
        "output": sample.response,
        "system": sample.system,
    }


def refuse_losses(fields: Mapping[str, Any], sample: Sample) -> None:
    """Refuse a record that holds more for the model than its sample does. Other fields (ids, labels) are no loss.

    Raises:
        DoesNotFitError: The first thing that would be lost.
    """
    carried = {"history": bool(sample.history), "system": bool(sample.system), "system_prompt": bool(sample.system)}
    for name in FIELDS:
        if _holds(fields.get(name)) and not carried.get(name):
            raise DoesNotFitError(f"its field {name!r} was not scored and has no place in plain turns")
    for place, turn in _turns(fields):
        for name in TURN_FIELDS:
            if _holds(turn.get(name)):
                raise DoesNotFitError(f"{place}.{name} was not scored and has no place in plain turns")
        for name in TURN_MARKS if (turn.get("role") or turn.get("from")) in ANSWERS else ():
            if turn.get(name) is False or turn.get(name) == 0:
                raise DoesNotFitError(f"{place}.{name} marks a turn that is not to be learned, which would be lost")


def _holds(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], {}, False)


def _turns(fields: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in fields.items():
        if not isinstance(value, list):
            continue
        for number, turn in enumerate(value):
            if isinstance(turn, dict) and ("role" in turn or "from" in turn):
                yield f"{name}[{number}]", turn
