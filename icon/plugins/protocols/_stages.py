"""Protocols of the first two stages: builders and scorers, and the tasks that they get."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from icon.plugins.protocols._services import Backend, Reader, Template
from icon.types import Measurement, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Contexts = Sequence[tuple[float, str]]
"""Contexts with weights that sum to 1. A demonstration is compared with their weighted mean."""


@dataclass(frozen=True, slots=True)
class AssessmentTask:
    """The input of an assessment builder.

    Attributes:
        pool: The pool's distinct samples.
        size: Number of samples to build; None for all.
        seed: Seed of the run.
        readers: Record formats by name; None for the built-in ones.
    """

    pool: Sequence[Sample]
    size: int | None
    seed: int
    readers: Mapping[str, Reader] | None = None


class AssessmentBuilder(Protocol):
    """Stage 1: builds the assessment set D_a."""

    held_out: bool
    """Whether the samples are taken out of the pool, so that they are not candidates."""
    notes: Sequence[str]
    """After `build`: sentences that a reader of the run should know, such as on rows that were skipped."""

    def build(self, task: AssessmentTask) -> list[Sample]:
        """Build the assessment samples; those from the pool keep their id."""
        ...


@dataclass(frozen=True, slots=True)
class ScoringTask:
    """The input of a scorer: the model, the template, the assessment set, token limits and the seed.

    `backend` is None for scorers without `needs_backend`, and `assessment` is empty for those without
    `needs_assessment`. `known` has what other scorers of the run measured, so that no pass is made twice: under
    (candidate, assessment sample) the `nll` is NLL(S given T), under ("", assessment sample) it is NLL(S), and under
    (candidate, None) `nll` is NLL(y given x) and `nll_alone` NLL(y), where they are not None. All of these rows have
    the status OK.

    Every pass is made with `primer` in front of its context, and the first `skip_tokens` response tokens count in no
    NLL; `icon.scorers.score_given` and the functions built on it do both.

    Attributes:
        backend: The open backend.
        template: The prompt template.
        assessment: The assessment set, n samples.
        seed: Seed of the run.
        max_prompt_tokens: Longest prompt.
        max_demonstration_tokens: Longest demonstration, without primer and separator.
        max_response_tokens: Longest response.
        truncate: Whether longer texts are cut; else they have a status.
        known: What other scorers of the run measured.
        skip_tokens: K, how many response tokens count in no NLL.
        primer: What is in front of every context: the BOS where only the chat template brings one, and in a primed run
            a rendered demonstration and its separator; "" for nothing.
        whole: The whole assessment set, in any order, for a `ContextScorer`; `assessment` may be a part of it. Empty
            where `assessment` is all of it.
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
    skip_tokens: int = 0
    primer: str = ""
    whole: Sequence[Sample] = ()


class ContributionScorer(Protocol):
    """Stage 2: measures candidates; the measurements of a candidate do not depend on the others.

    A scorer whose score is the plain mean of `column` over the assessment samples has `mean_of_column = True`. Then it
    can be raced: prepared with, and measured on, a part of the assessment set. A scorer whose NLLs are those that
    `ScoringTask.known` describes has `shares_passes = True`, and other scorers of a run use them. A scorer that scores
    all candidates at once, such as by ranks, has `together` (see `TogetherScorer`); one whose score is made of group
    contributions has `of_groups` (see `GroupScorer`). A scorer whose scores mean more than their order may warn of a
    selection (see `WarningScorer`). A scorer that works with certain backends only names them in an attribute
    `backends`, so that another one is refused before anything is measured. One that compares candidates and assessment
    samples after it has read each by itself says in `own_passes` how many passes over its own text each costs.
    """

    needs_backend: bool
    needs_assessment: bool
    column: Literal["c", "log_gain", "value"]
    """The measurement that the score is computed from, and with it standard error and reliability."""

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Take the task and make, once, the measurements that all candidates share (such as the baseline passes).

        `finished` is what this call returned at an earlier start of the run; it is empty at first. What is returned is
        stored with the run.
        """
        ...

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """For each candidate in order: one measurement per assessment sample, or a single one with `value` set."""
        ...

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The candidate's score, the higher the better, from its measurements, all of which have the status OK.

        Args:
            c: Task contributions, shape (n,); NaN where the scorer measures the candidate alone.
            log_gain: Log-gains, shape (n,), nats per token; NaN in the same case.
            value: Values, shape (n,); NaN where the scorer measures pairs.
        """
        ...


@runtime_checkable
class TogetherScorer(Protocol):
    """The optional ability of a scorer to score all candidates at once; used instead of `score`."""

    def together(self, measured: Mapping[str, Sequence[Measurement]]) -> Mapping[str, float]:
        """The score of each of these candidates, by id, from their measurements, all of which have the status OK."""
        ...


@runtime_checkable
class GroupScorer(Protocol):
    """The optional ability of a scorer to score by task group; used instead of `score`."""

    def of_groups(self, means: Mapping[str, float]) -> float:
        """The candidate's score from the mean of `column` over each task group, by its name.

        Assessment samples without a group are a group of their own, "".
        """
        ...


@runtime_checkable
class WarningScorer(Protocol):
    """The optional ability of a scorer to warn of a selection, such as of kept candidates that it advises against."""

    def selection_warnings(self, scores: Mapping[str, float], kept: Collection[str]) -> Sequence[str]:
        """Sentences that a reader of the selection should know; they are shown in run.json and in the summary.

        Args:
            scores: The score of each candidate that has one, by id.
            kept: Ids of the candidates that were selected, whether they have a score or not.
        """
        ...


@runtime_checkable
class ComparingScorer(Protocol):
    """The optional ability of a scorer of demonstrations to name the contexts that it compares them with.

    `icon explain` shows such a comparison token by token.
    """

    def compared_with(self, task: ScoringTask, candidates: Sequence[Sample]) -> Iterator[Sequence[Contexts]]:
        """For each candidate in order: the contexts its demonstration is compared with, for each assessment sample.

        Without a control that is `[(1.0, "")]`. Nothing is scored for it, and it does not depend on `prepare`.

        Raises:
            icon.TemplateError: The template cannot render a candidate.
        """
        ...


@runtime_checkable
class ContextScorer(Protocol):
    """The optional ability of a scorer to put assessment samples in front of candidates, not the other way round.

    Its candidates still have one row per assessment sample. What they cost is another: their own text once more for
    each assessment sample.

    Attributes:
        most_samples: How many assessment samples it is measured on: the first ones of the stratified order.
        first_slice: How many of them a race measures first.
    """

    most_samples: int
    first_slice: int

    def own_response(self, row: Measurement) -> Measurement:
        """NLL(y given x) of a row, as a row of `ScoringTask.known`: no later slice or other scorer makes that pass."""
        ...
