"""What a run tells its observers through the hook `icon_event`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins.

    Attributes:
        stage: What is being done, in words.
        total: How many candidates it is about; None where that is not known.
        done: How many of them an earlier run finished.
    """

    stage: str
    total: int | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class CandidateMeasured:
    """One more candidate is measured; `tokens_evaluated` counts the tokens the model has read since it was loaded."""

    candidate: str
    tokens_evaluated: int


@dataclass(frozen=True, slots=True)
class StageProgressed:
    """A stage that counts something else than candidates got so far: `done` of `total`, and a note such as a loss."""

    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage is done."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user should know; it is kept in run.json as well."""

    message: str


Event = StageStarted | CandidateMeasured | StageProgressed | StageFinished | Warned
