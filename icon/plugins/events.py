"""The events of a run, which observers get through the hook `icon_event`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins.

    Attributes:
        stage: The piece of work, in words.
        total: Number of its candidates; None where that is not known.
        done: How many of them an earlier start finished.
    """

    stage: str
    total: int | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class CandidateMeasured:
    """A candidate is measured; `tokens_evaluated` counts all tokens since the model was loaded."""

    candidate: str
    tokens_evaluated: int


@dataclass(frozen=True, slots=True)
class StageProgressed:
    """Progress of a stage that does not count candidates: `done` of `total`, and a note such as a loss."""

    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ends."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning for the user; it is recorded in run.json as well."""

    message: str


Event = StageStarted | CandidateMeasured | StageProgressed | StageFinished | Warned
