"""A candidate measured on the assessment set, and what is decided on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from icon.types._model import Status
from icon.types._sample import RowStatus


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
class ScoreRow:
    """A row of scores.parquet.

    Attributes:
        id: Content hash of the candidate; empty for a row that could not be read.
        row: Zero-based number of the record in the pool.
        turn: Which assistant turn of the record.
        status: What became of the row.
        reason: What stands behind the status.
        score: What candidates are ranked by; the other statistics as in `types.Contribution`.
        baselines: Values of the baseline scorers, by name.
        probability: The classifier's probability of the label 1.
        rank: Place from the top, counted from 1.
        selected: Whether it is kept.
        decision: Why, in words.
    """

    id: str
    row: int
    turn: int
    status: RowStatus
    reason: str
    decision: str
    selected: bool = False
    score: float | None = None
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RowStatus(self.status))
