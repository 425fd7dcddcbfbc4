"""The closing summary of a run, as frozen records: what run.json keeps as `results` and `--json` prints."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from icon.runs.records import Ended, JsonObject, RaceStep, Record, Sparse
from icon.types import RowStatus


class AssessmentCount(Record):
    """Size of the assessment set, and of each task group."""

    samples: int
    groups: dict[str, int]


class ReliabilityRecord(Record):
    """Split-half reliability; see `contribution.agreement.Reliability`."""

    half: float
    full: float
    splits: int


class Against(Record):
    """The score compared with a baseline.

    Attributes:
        spearman: Rank correlation; None where it is not defined.
        overlap: Share of the top of the score that is in the baseline's top as well.
        candidates: How many candidates both scored.
        top: How many candidates the top has.
    """

    spearman: float | None
    overlap: float | None
    candidates: int
    top: int


class ShownSample(Record):
    """A sample with its score, for the lists of the best and the worst; texts are cut."""

    id: str
    row: int
    score: float | None
    standard_error: float | None
    prompt: str
    response: str


class AuditKind(Record):
    """For one value of the audit field: how many rows have it, and each scorer's AUC of the unmarked rows over them."""

    n: int
    auc: dict[str, float | None]


class Audit(Record):
    """How well the scores separate the rows that the audit field marks."""

    field: str | None
    unmarked: int
    kinds: dict[str, AuditKind]


class RaceFacts(Record):
    """What a race came to.

    Attributes:
        ended: Why it ended.
        confidence: At which a candidate counts as decided.
        decided_in: Candidates that are accepted.
        decided_out: Candidates that are rejected.
        open: Candidates that are undecided.
        capture: Expected captured gain; None where too little is measured to say.
        reliability: Share of the variance between candidates' scores that is known; None likewise.
        signal: Variance of the candidates' effects over that of a single measurement.
        candidates: Candidates that are measured.
        samples_reached: Assessment samples reached.
        samples: Size of the assessment set.
        pairs: Pairs measured.
        pairs_exact: Pairs that measuring everything would take.
        path: Every look.
    """

    ended: Ended
    confidence: float
    decided_in: int
    decided_out: int
    open: int
    capture: float | None
    reliability: float | None
    signal: float
    candidates: int
    samples_reached: int
    samples: int
    pairs: int
    pairs_exact: int
    path: tuple[RaceStep, ...]


class Summary(Sparse):
    """What came out, how far to trust it, and what a trivial score would have chosen.

    Attributes:
        scorer: Name of the run's scorer.
        rows: Number of pool rows by status.
        assessment: The assessment set.
        keep: How much was to be kept.
        selected: Candidates that are selected.
        candidates: Candidates that the selector decided on.
        selection_quality: What the selector reports of itself.
        reliability: Split-half reliability; None where it cannot be computed.
        against: The score compared with each baseline.
        best: The highest scores.
        worst: The lowest scores.
        audit: How the scores separate the audit field; None without one.
        failures: The most frequent reasons of candidates without a score.
        truncated: Scored candidates that were cut to a token limit.
        needs_model: Whether the scorer uses a model.
        race: What the race came to; None where every pair was measured.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset({"race"})

    scorer: str
    rows: dict[RowStatus, int]
    assessment: AssessmentCount
    keep: str
    selected: int
    candidates: int
    selection_quality: JsonObject
    reliability: ReliabilityRecord | None = None
    against: dict[str, Against] = Field({})
    best: tuple[ShownSample, ...] = ()
    worst: tuple[ShownSample, ...] = ()
    audit: Audit | None = None
    failures: dict[str, int] = Field({})
    truncated: int = 0
    needs_model: bool = True
    race: RaceFacts | None = None
