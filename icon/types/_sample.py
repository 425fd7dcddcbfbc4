"""Samples, which are a prompt and a response, and the statuses of the pool's rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]


class RowStatus(StrEnum):
    """Status of a row of the pool; the first three are of candidates."""

    SCORED = "scored"
    NOT_SCORED = "not_scored"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    LEAK = "leak"
    HELD_OUT = "held_out"
    BAD_ROW = "bad_row"

    @property
    def is_candidate(self) -> bool:
        """Whether the row is a candidate, on which the selector decides."""
        return self in (RowStatus.SCORED, RowStatus.NOT_SCORED, RowStatus.FAILED)

    @property
    def words(self) -> str:
        """The status of one row, in words."""
        return _STATUS_WORDS[self]

    def counted(self, n: int) -> str:
        """The number of rows with this status, in words."""
        return f"{n:,} {self.words if n == 1 else _PLURALS.get(self, self.words)}"


_STATUS_WORDS = {
    RowStatus.SCORED: "scored",
    RowStatus.NOT_SCORED: "not scored",
    RowStatus.FAILED: "failed",
    RowStatus.DUPLICATE: "exact duplicate",
    RowStatus.NEAR_DUPLICATE: "near duplicate",
    RowStatus.LEAK: "overlapping with the assessment set",
    RowStatus.HELD_OUT: "held out for the assessment set",
    RowStatus.BAD_ROW: "row that could not be read",
}


_PLURALS = {
    RowStatus.DUPLICATE: "exact duplicates",
    RowStatus.NEAR_DUPLICATE: "near duplicates",
    RowStatus.BAD_ROW: "rows that could not be read",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: Who speaks; `tool` is the result of a tool's call.
        content: The text.
        beside: What the turn holds for the model beside its text, as JSON: an object with `tool_calls` of an
            assistant's turn, and `content` as null where it has null in the place of a text, or `tool_call_id` and
            `name` of a tool's. Empty where there is nothing.
        reasoning: The reasoning of an assistant's turn that is apart from its text. Chat templates are given it.
    """

    role: Role
    content: str
    beside: str = ""
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A candidate or an assessment sample: a prompt x and its response y.

    Attributes:
        id: Content hash of prompt and response, and of all else that the record holds for the model; independent of
            the row.
        row: Zero-based number of the record in its source.
        messages: Every turn before the response; the last one is the user's, or a tool's.
        response: The text whose tokens are scored.
        passage: Text the instruction works on, where the format keeps it apart (Alpaca's input, Dolly's context).
        passage_label: The heading the paper's template gives that passage.
        rendered: True if the last message is a finished prompt, used word for word by text templates.
        group: Task group, for stratified drawing and group contributions.
        source: The data set the sample came from, where the record says so.
        turn: Which assistant turn of the record is the response, counted from 0.
        tools: The tools that the model may call, as JSON: a list of their definitions, rendered by the model's own
            chat template. Empty where there are none.
        reasoning: The reasoning that the record keeps apart from the response; that of earlier turns is theirs. Empty
            in every sample that is scored: what becomes of it is decided while reading (`icon.samples.choices`).
        calls: The calls of tools that are the answer, as JSON, beside what it says; settled likewise, so empty in every
            sample that is scored.
    """

    id: str
    row: int
    messages: tuple[Message, ...]
    response: str
    passage: str = ""
    passage_label: Literal["Input", "Context"] = "Input"
    rendered: bool = False
    group: str | None = None
    source: str | None = None
    turn: int = 0
    tools: str = ""
    reasoning: str = ""
    calls: str = ""

    @property
    def system(self) -> str:
        """The system prompt, or an empty string."""
        first = self.messages[0]
        return first.content if first.role == "system" else ""

    @property
    def instruction(self) -> str:
        """The last user turn."""
        turns = [message for message in self.messages if message.role == "user"]
        return (turns or self.messages)[-1].content

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns between the system prompt and the last turn before the response."""
        start = 1 if self.messages[0].role == "system" else 0
        return self.messages[start:-1]

    @property
    def uses_tools(self) -> bool:
        """Whether the prompt has tools, calls of them or their results, which only a chat template renders."""
        return bool(self.tools) or any(message.beside or message.role == "tool" for message in self.messages)

    @property
    def prompt_text(self) -> str:
        """The prompt as plain text without any template: for features, guards and lengths."""
        parts = [message.content for message in self.messages]
        return "\n".join([*parts, self.passage] if self.passage else parts)

    @property
    def text(self) -> str:
        """Prompt and response as plain text."""
        return f"{self.prompt_text}\n{self.response}"
