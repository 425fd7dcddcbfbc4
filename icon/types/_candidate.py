"""Measurements of candidates, their contributions, and the decisions of a selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from icon.types._model import Status
from icon.types._sample import RowStatus


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of a part: a candidate measured on one assessment sample, or by itself.

    Attributes:
        candidate: Id of the candidate.
        assessment: Id of the assessment sample; None where the scorer measures the candidate by itself.
        nll: NLL(S given T), nats per token; for a candidate by itself, NLL(y given x) where it was measured.
        nll_random: NLL(S given R), nats per token; None without a control.
        n_tokens: Number of response tokens that count: N, without the first K where the run skips them.
        c: Task contribution.
        log_gain: NLL(S given R) - NLL(S given T), or NLL(S) - NLL(S given T) without a control; nats per token.
        value: Another value that the scorer computes; for a candidate by itself, the score.
        nll_alone: NLL(y) of the candidate's own response without its prompt, nats per token, where it was measured.
        first: -log p of the first response token in the pass of `nll`, in nats; whether or not the token counts. With
            `second` it says where a gain sits (`icon.scorers.positions`).
        second: The same of the second response token; 0 for a response of one token.
        first_random: `first` in the pass of `nll_random`; for a candidate by itself, in that of `nll_alone`.
        second_random: `second` in the same pass.
        status: OK, or the kind of failure.
        reason: What failed, where the status is not OK.
        given: log p of every response token in the pass of `nll`, in nats, shape (N,), whether or not it counts; of the
            two pairs of a candidate that it helped and hurt most, where the scorer keeps them. The report shows them.
        control: The same in the pass of `nll_random`.
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
    first: float | None = None
    second: float | None = None
    first_random: float | None = None
    second_random: float | None = None
    status: Status = Status.OK
    reason: str = ""
    given: tuple[float, ...] | None = None
    control: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A candidate's score and the statistics behind it (METHOD: terms).

    Attributes:
        id: Id of the candidate.
        score: The score that candidates are ranked by; None where the status is not OK.
        raw_score: The score as measured, where `score` is that at equal length; None elsewhere. The statistics below
            are of the measurements, but for standard error, low, high and margin, which are of `score`.
        standard_error: Standard deviation of what the score averages over the assessment samples (c_ij, or the own
            values of the scorer), divided by sqrt(n); None where the scorer has none.
        log_gain: Mean log-gain, nats per token.
        consistency: Share of assessment samples with c_ij > 0.
        coverage: Share with c_ij > 0.5.
        stability: Variance of c_ij.
        n_assessed: n, the number of assessment samples that the score is computed from.
        groups: Group contributions by task group.
        low: Lower end of the confidence interval of the score over the whole assessment set, where it was estimated
            from a part of it; valid at any number of looks.
        high: Its upper end.
        margin: Half the width of the interval of the score relative to the other candidates.
        decided: Decision of a race: "in" (accepted), "out" (rejected) or "open" (undecided); empty where every pair is
            measured.
        status: OK, or the kind of failure.
        reason: What failed, where the status is not OK.
    """

    id: str
    score: float | None
    raw_score: float | None = None
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


def part_of(share: float, n: int) -> int:
    """The whole number that a share of n comes to, halves rounded up: 15% of 30 is 5, 50% of 5 is 3.

    The share counts as the decimal number that was written: 28.5% of 100 is 28.5 and so 29, although 0.285 * 100 is
    below 28.5 in binary.
    """
    return int((Decimal(f"{share:.12g}") * n).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Keep:
    """How much to select: a share of the candidates, or a count."""

    share: float | None = None
    count: int | None = None

    def of(self, n: int) -> int:
        """The number of candidates to select of n; at least one if n is not 0."""
        if self.count is not None:
            return min(self.count, n)
        assert self.share is not None
        return min(n, max(1, part_of(self.share, n)))

    def as_share(self, n: int) -> float:
        """The share of n candidates to select."""
        return self.share if self.share is not None else min(1.0, (self.count or 0) / max(1, n))

    def words(self, n: int) -> str:
        """The same with the number that a share is of: "50% of 6", or "15% of 30, rounded"; a count as it is."""
        if self.share is None:
            return str(self)
        exact = Decimal(f"{self.share:.12g}") * n
        return f"{self} of {n:,}{'' if exact == self.of(n) else ', rounded'}"

    def __str__(self) -> str:
        return str(self.count) if self.count is not None else f"{100 * (self.share or 0):g}%"


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of a selector on one candidate.

    Attributes:
        id: Id of the candidate.
        selected: Whether it is selected.
        rank: Rank, from 1 for the best; None where it could not be ranked.
        probability: The classifier's probability of the label 1; None for other selectors.
        reason: Why, in words.
        decided_by: Name of the scorer whose score decided, where a selector uses several; else empty.
    """

    id: str
    selected: bool
    rank: int | None
    reason: str
    probability: float | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of stage 3: a decision for every candidate, quality figures, and warnings."""

    decisions: Sequence[Decision]
    quality: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A row of scores.parquet.

    Attributes:
        id: Content hash of the candidate; empty for a row that could not be read.
        row: Zero-based number of the record in the pool.
        turn: Which assistant turn of the record.
        source: The address of the pool, or the source named by the record, that it is from; empty where there is one.
        status: Status of the row.
        reason: Reason for the status.
        score: The score that candidates are ranked by; `raw_score` and the other statistics are those of
            `Contribution`.
        baselines: Scores of the baseline scorers, by name.
        probability: The classifier's probability of the label 1.
        rank: Rank, from 1 for the best.
        selected: Whether it is selected.
        decision: Why, in words.
        decided_by: Name of the scorer whose score decided, where the selector used several; else empty.
    """

    id: str
    row: int
    turn: int
    status: RowStatus
    reason: str
    decision: str
    selected: bool = False
    score: float | None = None
    raw_score: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    decided: str = ""
    log_gain: float | None = None
    consistency: float | None = None
    coverage: float | None = None
    stability: float | None = None
    n_assessed: int = 0
    groups: dict[str, float] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)
    probability: float | None = None
    rank: int | None = None
    source: str = ""
    decided_by: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RowStatus(self.status))
