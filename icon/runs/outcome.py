"""The summary of a finished run, as frozen records: `results` in run.json, and what `--json` prints."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from icon.runs.audited import Audit
from icon.runs.records import Ended, JsonObject, RaceStep, Record, Sparse
from icon.runs.sources import SourceFacts
from icon.runs.standing import Standing
from icon.types import RowStatus


class AssessmentCount(Record):
    """Number of assessment samples, in all and per task group."""

    samples: int
    groups: dict[str, int]


class ReliabilityRecord(Record):
    """Split-half reliability; see `icon.scorers.formulas.Reliability`.

    Attributes:
        half: Mean rank correlation of the scores from two halves of the assessment samples.
        full: The same for all of them.
        splits: How many random splits it is the mean of.
        samples: How many assessment samples candidates were measured on, which may be a part of the set; None in a run
            of an older version.
    """

    half: float
    full: float
    splits: int
    samples: int | None = None


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
    """A sample with its score, for the lists of the best and the worst; its texts are shortened."""

    id: str
    row: int
    score: float | None
    standard_error: float | None
    prompt: str
    response: str


class RaceFacts(Record):
    """The outcome of a race.

    Attributes:
        ended: Why it ended.
        confidence: Confidence at which a candidate counts as accepted or rejected.
        decided_in: Number of accepted candidates.
        decided_out: Number of rejected candidates.
        open: Number of undecided candidates.
        capture: Expected captured gain; None where too little is measured to say.
        reliability: Share of the variance between candidates' scores that is known; None likewise.
        signal: Variance of the candidates' effects over that of a single measurement.
        candidates: Number of measured candidates.
        samples_reached: Number of assessment samples reached.
        samples: Size of the assessment set.
        pairs: Number of pairs measured.
        pairs_exact: Number of pairs that an exact run would measure.
        path: Every look, in order.
        asked: Expected captured gain at which it was to end; None in runs of older versions.
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
    asked: float | None = None


class ClassGain(Record):
    """The gain at one class of response tokens.

    Attributes:
        gain: Mean gain, nats per response.
        share: Its share of the gain: its size over the sum of the sizes of the classes that count; None where it does
            not count, or nothing is gained.
        variance_share: Its share of the gain's variance between candidates: covariance with the whole gain over the
            variance of the whole; None where that is not defined.
    """

    gain: float
    share: float | None
    variance_share: float | None


class Positions(Record):
    """Where the gains of a run sit: at the first response token, at the second, or at the rest.

    Attributes:
        pairs: Number of pairs whose two passes are compared.
        skipped: Number of first tokens of each response that count in no score.
        bare_first: Mean -log p of the first response token of the assessment samples with no demonstration, in nats.
        first: The first token.
        second: The second token.
        rest: All later tokens that count.
        rest_rank: Rank correlation between candidates of the gain at the rest with the whole gain.
    """

    pairs: int
    skipped: int
    bare_first: float | None
    first: ClassGain
    second: ClassGain
    rest: ClassGain
    rest_rank: float | None


class EqualLength(Record):
    """How scores were made equal in the length of the responses.

    Attributes:
        how: regress or strata.
        unit: Unit of the lengths: tokens or characters.
        before: Rank correlation of the measured score with the length; None where it is not defined.
        after: The same of the score at equal length.
    """

    how: Literal["regress", "strata"]
    unit: Literal["tokens", "characters"]
    before: float | None
    after: float | None


class Summary(Sparse):
    """The result of a run, how far to trust it, and how it compares with the baselines.

    Attributes:
        scorer: Name of the run's scorer.
        rows: Number of pool rows by status.
        assessment: The assessment set.
        keep: How much was to be kept.
        keep_of: Number of candidates that a share to keep is of; None where a count was to be kept, and in a run of an
            older version.
        selected: Number of selected candidates.
        candidates: Number of candidates that the selector decided on.
        selection_quality: What the selector reports of itself.
        reliability: Split-half reliability; None where it cannot be computed.
        against: The score compared with each baseline.
        best: The highest scores.
        worst: The lowest scores.
        audit: How the scores separate the audit field; None without one.
        failures: The most frequent reasons of candidates without a score.
        truncated: Number of scored candidates that were cut to a token limit.
        needs_model: Whether the scorer uses a model.
        race: The outcome of the race; None where every pair was measured.
        positions: Where the gains sit; None where the scorer compares no two passes.
        equal_length: How scores were made equal in length; None where they are as measured.
        standing: Whether what was measured carries a choice; None in a run of an older version.
        sources: What became of each source of the pool; empty where there is one.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset({"race", "positions", "equal_length", "standing", "sources"})

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
    keep_of: int | None = None
    needs_model: bool = True
    race: RaceFacts | None = None
    positions: Positions | None = None
    equal_length: EqualLength | None = None
    standing: Standing | None = None
    sources: tuple[SourceFacts, ...] = ()
