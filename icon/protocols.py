"""What a backend, an assessment builder, a scorer, a selector, a reader and an executor must offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeVar, runtime_checkable

from icon.types import (
    BackendInfo,
    ChatTemplate,
    Keep,
    Measurement,
    Pooling,
    Sample,
    Selection,
    Target,
    TokenLogProbs,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")


@runtime_checkable
class Backend(Protocol):
    """A language model that supplies log-likelihoods; a context manager that frees the model."""

    @property
    def tokens_evaluated(self) -> int:
        """How many tokens the model has read so far, shared ones once."""
        ...

    def describe(self) -> BackendInfo:
        """Say what is really run."""
        ...

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score every target's response behind the context and its own prompt.

        Context, prompt and response are tokenised apart, with one BOS in front where the model has one; the context
        "" is the baseline. Results are in the order of the targets, natural logarithms, response tokens only, and do
        not depend on the batch. What cannot be scored has a status and a reason, never a number.

        Raises:
            ValueError: A target has an empty response.
        """
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text as `score` would read it, without BOS."""
        ...

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token, for showing."""
        ...

    def chat_template(self) -> ChatTemplate | None:
        """The model's own chat template, or None where it brings none."""
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

        With `position-weighted` pooling token i of n, counted from 1, weighs i / (1 + ... + n).

        Raises:
            ValueError: A text is empty.
        """
        ...


@runtime_checkable
class Reference(Protocol):
    """The optional ability to score one target by a plain pass over the whole text, with nothing shared.

    It is the yardstick of `icon verify`.
    """

    def score_alone(self, context: str, target: Target) -> TokenLogProbs:
        """Score one target as `Backend.score` says, by one pass over context, prompt and response."""
        ...


class Template(Protocol):
    """Turns samples into the exact text that is scored."""

    name: str
    special_tokens: bool
    """Whether the text holds special tokens that the tokenizer must recognise."""
    separator: str
    """What stands between a context and the prompt behind it."""
    source: str
    """What decides the text, for the run's record: two templates of one source render alike."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly."""
        ...

    def demonstration(self, sample: Sample) -> str:
        """Prompt, response and whatever ends it: what stands in front of an assessment sample, separator left out."""
        ...


@dataclass(frozen=True, slots=True)
class AssessmentTask:
    """What an assessment builder works from.

    Attributes:
        pool: The pool's distinct samples.
        size: How many samples to build; None for all.
        seed: Seed of the run.
        readers: Record formats by name; None for the built-in ones.
    """

    pool: Sequence[Sample]
    size: int | None
    seed: int
    readers: Mapping[str, Reader] | None = None


class AssessmentBuilder(Protocol):
    """Stage 1: gives the assessment set D_a."""

    held_out: bool
    """Whether the samples are taken out of the pool, which then goes on without them."""
    notes: Sequence[str]
    """After `build`: a sentence for each thing a reader of the run should know, such as rows that were skipped."""

    def build(self, task: AssessmentTask) -> list[Sample]:
        """The assessment samples; those taken from the pool keep their id."""
        ...


@dataclass(frozen=True, slots=True)
class ScoringTask:
    """What a scorer works with: the model, the template, the assessment set, token limits and the seed.

    `backend` is None for scorers that say they need none, and `assessment` is empty for those that need none. `known`
    has what other scorers of the run measured, so that no pass is made twice: under (candidate, assessment sample) the
    `nll` is NLL(S given T), under ("", assessment sample) it is NLL(S), and under (candidate, None) `nll` is
    NLL(y given x) and `nll_alone` NLL(y), where they are not None. All of these rows have the status OK.
    """

    backend: Backend | None
    template: Template
    assessment: Sequence[Sample]
    seed: int
    max_prompt_tokens: int
    max_demonstration_tokens: int
    max_response_tokens: int
    truncate: bool
    known: Mapping[tuple[str, str | None], Measurement] = field(default_factory=dict)


class ContributionScorer(Protocol):
    """Stage 2: measures candidates; the same candidate always measures the same.

    A scorer whose score is the plain mean of `column` over the assessment samples says so in an attribute
    `mean_of_column = True`. Then it may be raced: prepared with a part of the assessment set and measured on that.
    One whose NLLs mean what `ScoringTask.known` says of them has `shares_passes = True`, and other scorers of a run
    take them over. One whose scores need all candidates at once, such as ranks, has `together` (see `TogetherScorer`).
    """

    needs_backend: bool
    needs_assessment: bool
    column: Literal["c", "log_gain", "value"]
    """Which measurement the score is drawn from: standard error and reliability are taken over it."""

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Take the task and make, once, the measurements that all candidates share (such as the baseline passes).

        `finished` is what an earlier, interrupted run got from this call; it is empty at first. What is returned is
        kept with the run.
        """
        ...

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """For each candidate in order: one measurement an assessment sample, or a single one with `value` set."""
        ...

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The candidate's score, the higher the better, from its measurements, all of which have the status OK.

        Args:
            c: Task contributions, shape (n,); NaN where the scorer measures the candidate alone.
            log_gain: Log-gains, shape (n,), nats per token; NaN likewise.
            value: Values, shape (n,); NaN where the scorer measures pairs.
        """
        ...


@runtime_checkable
class TogetherScorer(Protocol):
    """The optional ability of a scorer to score all candidates at once; it takes the place of `score`."""

    def together(self, measured: Mapping[str, Sequence[Measurement]]) -> Mapping[str, float]:
        """A score for each of these candidates, by id, from their measurements, all of which have the status OK."""
        ...


Contexts = Sequence[tuple[float, str]]
"""Contexts with weights that sum to 1: what a demonstration is compared with is the weighted mean behind them."""


@runtime_checkable
class ComparingScorer(Protocol):
    """The optional ability of a scorer that puts candidates in front of assessment samples to say beside what.

    `icon explain` shows such a comparison token by token.
    """

    def compared_with(self, task: ScoringTask, candidates: Sequence[Sample]) -> Iterator[Sequence[Contexts]]:
        """For each candidate in order: the contexts its demonstration is compared with, for each assessment sample.

        Without a control that is `[(1.0, "")]`. Nothing is scored for it, and it does not depend on `prepare`.

        Raises:
            icon.TemplateError: The template cannot render a candidate.
        """
        ...


def _tell_nobody(done: int, total: int, note: str) -> None:
    """No one watches the progress."""


@dataclass(frozen=True, slots=True)
class SelectionTask:
    """What a selector works from: the candidates, the scores of those that were scored, how much to keep.

    A selector that takes long tells its progress: how much is done, of how much, and a note.
    """

    candidates: Sequence[Sample]
    scores: Mapping[str, float]
    keep: Keep
    seed: int
    backend: Backend | None
    progress: Callable[[int, int, str], None] = _tell_nobody


class Selector(Protocol):
    """Stage 3: decides over every candidate.

    One that works with the models of certain backends only names them in an attribute `backends`, so that another is
    refused before anything is computed.
    """

    needs_backend: bool
    fewest_scored: int
    """The fewest scored candidates it can work from."""

    def select(self, task: SelectionTask) -> Selection:
        """One decision a candidate, in the order given; `keep` of them selected where that many can be ranked."""
        ...


class Reader(Protocol):
    """Recognises one record format and turns a record into samples."""

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record's fields are those of this format."""
        ...

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The record's samples: one, or with `every_turn` one an assistant turn.

        Raises:
            icon.samples.records.FieldFault: A field is missing or has the wrong type or content.
        """
        ...


class Executor(Protocol):
    """Runs independent tasks, here or elsewhere."""

    def run(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Yield each task with its result as it finishes."""
        ...
