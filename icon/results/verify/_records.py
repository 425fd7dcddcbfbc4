"""Outcome of a verification, as frozen records: what `icon verify --json` prints."""

from __future__ import annotations

from icon.results.agreed import Correlation
from icon.runs.model_record import ModelRecord
from icon.runs.records import Record


class WorstPair(Record):
    """The pair with the largest error of a column, with both of its numbers; a candidate alone has no assessment."""

    candidate: str
    assessment: str | None
    stored: float
    again: float


class ColumnError(Record):
    """Absolute differences of one column between the stored numbers and those measured again.

    Attributes:
        n: Number of pairs that have the column.
        largest: Largest difference.
        mean: Mean difference.
        worst: The pair with the largest.
    """

    n: int
    largest: float
    mean: float
    worst: WorstPair


class FailedPair(Record):
    """A pair that could not be measured again, with status and reason."""

    candidate: str
    assessment: str | None
    status: str
    reason: str


class Findings(Record):
    """How far stored measurements agree with the same ones made again.

    Attributes:
        sentence: All of it in words.
        drawn: Number of pairs drawn.
        pairs: Number of pairs measured again.
        errors: Differences by column; NLL and log-gain in nats per token.
        spearman: Rank correlation of stored and measured again, by column.
        failed: The pairs that could not be measured again.
    """

    sentence: str
    drawn: int
    pairs: int
    errors: dict[str, ColumnError]
    spearman: dict[str, Correlation]
    failed: tuple[FailedPair, ...]


class UsedModel(ModelRecord):
    """What the backend reported of the model it measured with, number of parameters included."""

    parameters: int | None = None


class Precisions(Record):
    """Precision of the run, and the one that was used to measure again."""

    run: str
    used: str


class Models(Record):
    """The run's model, and the one that was used to measure again."""

    run: ModelRecord
    used: UsedModel


class Drawn(Record):
    """Where the pairs were drawn from.

    Attributes:
        run: The run directory.
        scorer: Its scorer.
        seed: Seed of the draw.
        finished: Number of pairs that could be drawn.
        failed_in_run: Number of stored pairs that failed; those that the scorer masks for all candidates are none.
        damaged_parts: Names of parts that no pair was drawn from.
    """

    run: str
    scorer: str
    seed: int
    finished: int
    failed_in_run: int
    damaged_parts: tuple[str, ...]


class Verification(Findings, Drawn):
    """A verification of a run; the attributes of `Drawn` and `Findings` besides.

    Attributes:
        form: The form of the backend that measured, in words.
        plain_pass: Whether each target was scored by a plain pass over the whole text.
        precision: Precisions of the run and of the measurement.
        model: Models of the run and of the measurement.
    """

    form: str
    plain_pass: bool
    precision: Precisions
    model: Models
