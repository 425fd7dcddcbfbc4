"""Stage 2: a candidate measured on one assessment sample, and over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from icon.types.model import Status


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
