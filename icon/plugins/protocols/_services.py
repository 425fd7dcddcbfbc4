"""Protocols of backends, with their optional abilities, of readers and of templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from icon.types import BackendInfo, ChatTemplate, Pooling, Sample, Target, TokenLogProbs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class Backend(Protocol):
    """A language model that supplies log-likelihoods; a context manager that frees the model."""

    @property
    def tokens_evaluated(self) -> int:
        """Number of tokens that the model has evaluated so far, shared ones counted once."""
        ...

    def describe(self) -> BackendInfo:
        """Describe the model that is really run."""
        ...

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Log-probabilities of every target's response, conditioned on the context and its own prompt.

        Context, prompt and response are tokenised separately, with one BOS in front where the model has one; the
        context "" is the baseline. Results are in the order of the targets; they are natural logarithms, of response
        tokens only, and do not depend on the batch. A target that cannot be scored has a status and a reason, never
        a number.

        Raises:
            ValueError: A target has an empty response.
        """
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text as in `score`, without BOS.

        Where a text's tokens depend on what precedes it, as with SentencePiece, these are the ones of the middle of a
        sequence, and the backend has a method `tokenize_after(before, text)` as well, in which "" is the beginning.
        """
        ...

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token, for display."""
        ...

    def chat_template(self) -> ChatTemplate | None:
        """The model's own chat template, or None where it has none."""
        ...

    def close(self) -> None:
        """Free the model; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Embedder(Protocol):
    """The optional ability of a backend to turn texts into vectors."""

    def embed(self, texts: Sequence[str], *, pooling: Pooling = "mean") -> NDArray[np.float32]:
        """Mean of the last hidden states over each text's tokens: float32 array of shape (len(texts), width).

        With `position-weighted` pooling token i of n, counted from 1, weighs i / (1 + ... + n). A BOS that opens a
        text is read and is none of these tokens, whether the tokenizer adds it or the text has it.

        Raises:
            ValueError: A text is empty.
        """
        ...


@runtime_checkable
class Continuing(Protocol):
    """The optional ability of a backend to read once what many contexts begin with, such as a system prompt."""

    def score_from(self, beginning: str, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score as `Backend.score` does; the context, whole, begins with the beginning, as later ones may.

        The numbers are those of `score` up to rounding, and depend on nothing that was scored before.
        """
        ...


@runtime_checkable
class Noting(Protocol):
    """The optional ability of a backend to report events of its work, such as memory that ran out."""

    @property
    def notes(self) -> Sequence[str]:
        """One sentence per event that a reader of the run should know."""
        ...


@runtime_checkable
class Reference(Protocol):
    """The optional ability of a backend to score one target by a plain pass over the whole text, nothing shared.

    It is the reference of `icon verify`.
    """

    def score_alone(self, context: str, target: Target) -> TokenLogProbs:
        """Score one target as `Backend.score` does, by one pass over context, prompt and response."""
        ...


class Reader(Protocol):
    """Recognises one record format and turns a record into samples."""

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record's fields are those of this format."""
        ...

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's samples: one, or with `every_turn` one per assistant turn.

        `icon.samples.make_sample` makes one: it takes system prompts, histories, tools and reasoning from the record's
        other fields, covers them by the id, and refuses what a sample cannot carry.

        Raises:
            icon.samples.records.FieldFault: A field is missing or has the wrong type or content.
        """
        ...


class Template(Protocol):
    """Renders samples as the exact text that is scored.

    A template that writes a BOS at the beginning of a sequence which the backend does not add has it in `opening`, not
    in its texts. One that renders a sample otherwise than the record has it says so in `notes` (see `Noting`).
    """

    name: str
    special_tokens: bool
    """Whether the text holds special tokens that the tokenizer must recognise."""
    separator: str
    """Text between a context and the prompt that follows it."""
    source: str
    """Everything that decides the rendered text; run.json has its digest. Two templates of one source render alike."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly."""
        ...

    def demonstration(self, sample: Sample) -> str:
        """The sample as a demonstration: prompt, response and what ends it, without the separator."""
        ...
