"""The records that travel between the stages: frozen, slotted, and light to import."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
Pooling = Literal["mean", "position-weighted"]
"""How the hidden states of a text's tokens become one vector."""


class Status(StrEnum):
    """What became of a measurement; anything but OK comes with a reason and never with a number."""

    OK = "ok"
    TOO_LONG = "too_long"
    NOT_FINITE = "not_finite"
    OUT_OF_MEMORY = "out_of_memory"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A candidate or an assessment sample: a prompt x and its response y.

    Attributes:
        id: Content hash of prompt and response; the same wherever the row stands.
        row: Zero-based number of the record in its source.
        messages: Every turn before the response; the last one is the user's.
        response: The text whose tokens are scored.
        passage: Text the instruction works on, where the format keeps it apart (Alpaca's input, Dolly's context).
        passage_label: The heading the paper's template gives that passage.
        rendered: True if the last message is a finished prompt, used word for word by text templates.
        group: Task group, for stratified drawing and group contributions.
        source: The data set the sample came from, where the record says so.
        turn: Which assistant turn of the record is the response, counted from 0.
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

    @property
    def system(self) -> str:
        """The system prompt, or an empty string."""
        first = self.messages[0]
        return first.content if first.role == "system" else ""

    @property
    def instruction(self) -> str:
        """The last user turn."""
        return self.messages[-1].content

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns between the system prompt and the last user turn."""
        start = 1 if self.messages[0].role == "system" else 0
        return self.messages[start:-1]

    @property
    def prompt_text(self) -> str:
        """The prompt as plain text without any template: for features, guards and lengths."""
        parts = [message.content for message in self.messages]
        return "\n".join([*parts, self.passage] if self.passage else parts)

    @property
    def text(self) -> str:
        """Prompt and response as plain text."""
        return f"{self.prompt_text}\n{self.response}"


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a record is not a sample: what was found where, and what is valid."""

    row: int
    where: str
    field: str
    found: str
    valid: str

    def __str__(self) -> str:
        at = f", field {self.field!r}" if self.field else ""
        return f"{self.where}{at}: found {self.found}; valid: {self.valid}"


@dataclass(frozen=True, slots=True)
class Target:
    """A prompt and the response whose tokens are scored behind it."""

    prompt: str
    response: str


@dataclass(frozen=True, slots=True)
class TokenLogProbs:
    """Log-probabilities of the N response tokens of one target.

    Attributes:
        token_ids: The response's tokens, shape (N,).
        logprobs: Natural logarithms, shape (N,), finite and at most 0; empty unless the status is OK.
        status: OK, or why there is no number.
        reason: What happened, in words, where the status is not OK.
    """

    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    status: Status = Status.OK
    reason: str = ""

    @property
    def nll(self) -> float:
        """Mean over the N response tokens of -log p, in nats per token (METHOD: NLL).

        Raises:
            ValueError: The status is not OK, so there is no number to give.
        """
        if self.status is not Status.OK:
            raise ValueError(f"no NLL: {self.status}: {self.reason}")
        return -math.fsum(self.logprobs) / len(self.logprobs)


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What was really run: enough to tell two models, precisions or tokenizers apart.

    Attributes:
        backend: Name of the backend.
        model: What the user asked for, or the file's name.
        digest: Digest of the weights that were evaluated.
        precision: Data type or quantisation of the weights.
        tokenizer_digest: Digest of the vocabulary and its settings.
        context_length: Longest sequence, in tokens, that can be scored.
        bos: Whether one BOS token stands in front.
        device: Where it runs.
        versions: Library versions that decide the numbers.
        settings: Anything else that decides the numbers (flash attention, threads).
        parameters: How many weights the model has; None where the backend cannot tell.
    """

    backend: str
    model: str
    digest: str
    precision: str
    tokenizer_digest: str
    context_length: int
    bos: bool
    device: str
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    parameters: int | None = None


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A model's own chat template: Jinja source and the special tokens it may name."""

    source: str
    bos_token: str
    eos_token: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of a part: a candidate measured on one assessment sample, or once in all.

    Attributes:
        candidate: Id of the candidate.
        assessment: Id of the assessment sample; None where the scorer measures the candidate alone.
        nll: NLL(S given T), nats per token; for a candidate alone, NLL(y given x) where it was measured.
        nll_random: NLL(S given R), nats per token; None without a control.
        n_tokens: N, the number of response tokens.
        c: Task contribution.
        log_gain: NLL(S given R) - NLL(S given T), or against NLL(S) without a control; nats per token.
        value: What the scorer makes of it, where that is neither c nor the log-gain; for a candidate alone, the score.
        nll_alone: NLL(y) of the candidate's own response without its prompt, nats per token, where it was measured.
        status: OK, or why there is no number.
        reason: What happened, where the status is not OK.
    """

    candidate: str
    assessment: str | None = None
    nll: float | None = None
    nll_random: float | None = None
    n_tokens: int | None = None
    c: float | None = None
    log_gain: float | None = None
    value: float | None = None
    nll_alone: float | None = None
    status: Status = Status.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A candidate's score and what stands behind it (METHOD: terms).

    Attributes:
        id: Id of the candidate.
        score: What candidates are ranked by; None where the status is not OK.
        standard_error: std(c_ij)/sqrt(n) of the score; None where the scorer has none.
        log_gain: Mean log-gain, nats per token.
        consistency: Share of assessment samples with c_ij > 0.
        coverage: Share with c_ij > 0.5.
        stability: Variance of c_ij.
        n_assessed: n, the number of assessment samples behind the score.
        groups: Group contributions by task group.
        low: Lower end of the interval that the score over the whole assessment set lies in, where it was estimated from
            a part of it; valid however often one looks.
        high: Its upper end.
        margin: The same relative to the other candidates: how far their order may be off; half a width.
        decided: What a race says of it: "in", "out" or "open"; empty where every pair is measured.
        status: OK, or why there is no score.
        reason: What happened, where the status is not OK.
    """

    id: str
    score: float | None
    standard_error: float | None = None
    log_gain: float | None = None
    consistency: float | None = None
    coverage: float | None = None
    stability: float | None = None
    n_assessed: int = 0
    groups: Mapping[str, float] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    decided: str = ""
    status: Status = Status.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a selector says of one candidate.

    Attributes:
        id: Id of the candidate.
        selected: Whether it is kept.
        rank: Place from the top, counted from 1; None where it could not be ranked.
        probability: The classifier's probability of the label 1; None for other selectors.
        reason: Why, in words.
    """

    id: str
    selected: bool
    rank: int | None
    reason: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of stage 3: a decision for every candidate it was given, and how far to trust it."""

    decisions: Sequence[Decision]
    quality: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """How much to select: a share of the candidates or a count."""

    share: float | None = None
    count: int | None = None

    def of(self, n: int) -> int:
        """How many of n candidates that is; at least one where there is any."""
        if self.count is not None:
            return min(self.count, n)
        assert self.share is not None
        return min(n, max(1, round(self.share * n)))

    def as_share(self, n: int) -> float:
        """The same as a share of n candidates."""
        return self.share if self.share is not None else min(1.0, (self.count or 0) / max(1, n))

    def __str__(self) -> str:
        return str(self.count) if self.count is not None else f"{100 * (self.share or 0):g}%"
