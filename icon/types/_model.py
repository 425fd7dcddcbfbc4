"""What a model is asked and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

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
