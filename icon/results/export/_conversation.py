"""A record as the turns that chat formats hold, or as a single turn, and what would be lost of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icon.results.export._job import Job
from icon.results.export._losses import refuse_losses
from icon.results.export._source import DoesNotFitError, Item
from icon.types import Message, Sample


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
    refuse_losses(item)
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
