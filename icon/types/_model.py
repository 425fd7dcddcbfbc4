"""Requests to a model and its answers: targets, log-probabilities, and the description of a backend."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Pooling = Literal["mean", "position-weighted"]
"""How the hidden states of a text's tokens become one vector."""


class Status(StrEnum):
    """Status of a measurement; all but OK have a reason and no number.

    MASKED is no failure: a pair of whose response no token counts, for every candidate alike. It is left out of the
    candidate's mean.
    """

    OK = "ok"
    TOO_LONG = "too_long"
    NOT_FINITE = "not_finite"
    OUT_OF_MEMORY = "out_of_memory"
    MASKED = "masked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Target:
    """A prompt and a response, whose tokens are scored conditioned on the prompt."""

    prompt: str
    response: str


@dataclass(frozen=True, slots=True)
class TokenLogProbs:
    """Log-probabilities of the N response tokens of one target.

    Attributes:
        token_ids: The response's tokens, shape (N,).
        logprobs: Natural logarithms, shape (N,), finite and at most 0; empty unless the status is OK.
        status: OK, or the kind of failure.
        reason: What failed, in words, where the status is not OK.
    """

    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    status: Status = Status.OK
    reason: str = ""

    @property
    def nll(self) -> float:
        """Mean over the N response tokens of -log p, in nats per token (METHOD: NLL).

        Raises:
            ValueError: The status is not OK.
        """
        if self.status is not Status.OK:
            raise ValueError(f"no NLL: {self.status}: {self.reason}")
        return -math.fsum(self.logprobs) / len(self.logprobs)


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """The model that was really run: enough to distinguish models, precisions and tokenizers.

    Attributes:
        backend: Name of the backend.
        model: The name that the user gave, or the file's name.
        digest: Digest of the weights that were evaluated.
        precision: Data type or quantisation of the weights.
        tokenizer_digest: Digest of the vocabulary and its settings.
        context_length: Longest sequence, in tokens, that can be scored.
        bos: Whether one BOS token is put in front.
        device: Device that it runs on.
        versions: Versions of libraries that affect the numbers.
        settings: Anything else that affects the numbers (flash attention, threads). A text under `note` says why the
            model is run so; it alone may differ where a run goes on.
        parameters: Number of weights of the model; None where the backend does not know it.
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
