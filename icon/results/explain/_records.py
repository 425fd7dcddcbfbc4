"""Explanation of one sample, as frozen records: what `icon explain --json` prints."""

from __future__ import annotations

from typing import Literal

from icon.runs.records import Record
from icon.types import RowStatus


class Place(Record):
    """Rank of a value, counted from 1, and the number of values."""

    rank: int
    of: int


class BaselineValue(Record):
    """Value of a baseline scorer, with its place among the candidates that it measured."""

    value: float
    rank: int
    of: int


class ScoreStatistics(Record):
    """The score, with its statistics as in `types.Contribution`."""

    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    margin: float | None
    decided: str
    n_assessed: int
    log_gain: float | None
    consistency: float | None
    coverage: float | None


class Identity(Record):
    """The run, its scorer, and the sample with its texts; None for a row that could not be read."""

    run: str
    scorer: str
    id: str
    row: int
    turn: int
    prompt: str | None
    response: str | None


class Standing(Record):
    """Status, decision, score and ranks; None or empty for what the row does not have.

    Attributes:
        status: Outcome of the row.
        reason: The reason for the status.
        selected: Whether it is kept.
        of_run: Whether the selection is that of a finished run, of one that was stopped, or there is none.
        decision: The selector's decision, in words.
        rank: Rank by the selector, over all candidates.
        score: The score with its statistics.
        score_rank: Rank by the score alone, over the candidates that have one.
        probability: The classifier's probability of the label 1.
        groups: Contribution by task group.
        baselines: Values of the baseline scorers.
    """

    status: RowStatus
    reason: str
    selected: bool
    of_run: Literal["finished", "stopped", "nothing selected"] = "finished"
    decision: str
    rank: Place | None
    score: ScoreStatistics | None
    score_rank: Place | None
    probability: float | None
    groups: dict[str, float]
    baselines: dict[str, BaselineValue]


class PairCounts(Record):
    """Number of assessment samples that the candidate was measured on, helped and hurt."""

    measured: int
    helped: int
    hurt: int


class TokenTable(Record):
    """The response tokens of an assessment sample: see `runs.files.TokenDetail`."""

    pieces: tuple[str, ...]
    given: tuple[float, ...]
    control: tuple[float, ...]


class ExplainedPair(Record):
    """What the candidate did to one assessment sample; NLL and log-gain in nats per token.

    Attributes:
        assessment: Id of the assessment sample.
        group: Its task group.
        prompt: Its prompt.
        response: Its response.
        c: Task contribution.
        value: Result of a scorer that measures something else.
        log_gain: Log-gain.
        nll: NLL of the response given the candidate.
        nll_random: NLL given the control.
        nll_baseline: NLL with nothing in front.
        n_tokens: Number of response tokens.
        tokens: The tokens; None where they are not measured.
    """

    assessment: str
    group: str | None
    prompt: str
    response: str
    c: float | None
    value: float | None
    log_gain: float | None
    nll: float | None
    nll_random: float | None
    nll_baseline: float | None
    n_tokens: int | None
    tokens: TokenTable | None


class Neighbour(Record):
    """A kept sample that is similar to the explained one."""

    id: str
    row: int
    similarity: float
    score: float | None
    rank: int | None
    prompt: str
    response: str


class Neighbours(Record):
    """The nearest kept samples, and the method that compared them, in words."""

    method: str
    kept: tuple[Neighbour, ...]


class Measured(Record):
    """What the candidate did to the assessment samples.

    Attributes:
        pairs: Counts; None where no pair is measured.
        why_score: Why the score is not the mean of what was measured, in words; empty where it is.
        helped: The assessment samples that it helped most.
        hurt: Those that it hurt most.
        notes: What the reader should know.
    """

    pairs: PairCounts | None = None
    why_score: str = ""
    helped: tuple[ExplainedPair, ...] = ()
    hurt: tuple[ExplainedPair, ...] = ()
    notes: tuple[str, ...] = ()


class Explanation(Measured, Standing, Identity):
    """All that a run knows of one sample; `neighbours` is None for no candidate, and where nothing is kept."""

    neighbours: Neighbours | None = None
