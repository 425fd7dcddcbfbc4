"""The events of a run, which observers get through the hook `icon_event`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RunStarted:
    """`icon run`, `icon preview` or `icon.run` begins to work on a run, or goes on with it.

    Attributes:
        run: The run directory.
        settings: The settings of the run, as plain data; addresses in them are without password and query.
    """

    run: str
    settings: Mapping[str, Any]


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
class PassesMeasured:
    """The model has read more, at most a few times per second; `tokens_evaluated` as in `CandidateMeasured`.

    These come from the first pass of a stage on, before its first candidate is measured.
    """

    tokens_evaluated: int


@dataclass(frozen=True, slots=True)
class WorkerMeasured:
    """What one worker of an executor has done, when the measuring ends.

    Attributes:
        worker: Its name.
        parts: How many parts it measured.
        tokens_evaluated: How many tokens its model evaluated for them.
        seconds: How long it took for them, without the time it waited.
    """

    worker: str
    parts: int
    tokens_evaluated: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """How much of a budget in tokens or passes is spent; the seconds of one in time are those of the clock.

    Attributes:
        spent: How much.
        amount: The budget.
        unit: tokens or passes.
    """

    spent: float
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class StageProgressed:
    """Progress of a stage that does not count candidates: `done` of `total`, and a note such as a loss."""

    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ends.

    Attributes:
        stage: The piece of work, in words.
        seconds: How long it took.
        complete: Whether it came to its end; False where it was stopped or failed.
    """

    stage: str
    seconds: float
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning for the user; it is recorded in run.json as well.

    Attributes:
        message: The warning.
        at_once: Whether it is shown at once and not recorded, since what follows takes long and shows it anyway.
    """

    message: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The work on a run ends.

    Attributes:
        run: The run directory.
        status: done, interrupted, or failed.
        figures: Numbers of its summary by name, such as `candidates`, `selected` and `seconds`; those that are known.
    """

    run: str
    status: str
    figures: Mapping[str, float]


Event = (
    RunStarted
    | StageStarted
    | CandidateMeasured
    | PassesMeasured
    | WorkerMeasured
    | BudgetSpent
    | StageProgressed
    | StageFinished
    | Warned
    | RunFinished
)
