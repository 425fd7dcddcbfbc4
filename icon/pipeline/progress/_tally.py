"""How far a run is, kept from its events, and one line that says it."""

from __future__ import annotations

import time

from icon.plugins import (
    BudgetSpent,
    CandidateMeasured,
    Event,
    PassesMeasured,
    RunStarted,
    StageFinished,
    StageProgressed,
    StageStarted,
    WorkerMeasured,
)
from icon.types import Budget
from icon.visible import visible_line


class Tally:
    """How far a run is: its stage, what is done of it, its speed, and what is spent of its budget.

    Args:
        budget: The budget of the run, which counts where a command measures: from `RunStarted` on; None for none.
        started: When the command began, on the clock of `time.perf_counter`.

    Attributes:
        stage: The piece of work, in words; "" between two of them.
        total: Number of its candidates; None where that is not known.
        done: How many of them are measured.
        note: What the stage says of itself, such as a loss.
        began: When the stage began, on the same clock.
    """

    def __init__(self, budget: Budget | None, started: float) -> None:
        self.started = started
        self.budget: Budget | None = None
        self._given = budget
        self.stage, self.note = "", ""
        self.total: int | None = None
        self.done = 0
        self._counted = 0.0
        self.began, self._done_before = started, 0
        self._first: tuple[float, int] | None = None
        self._tokens = 0

    def take(self, event: Event) -> None:
        """Take an event of the run into account."""
        if isinstance(event, RunStarted):
            self.budget = self._given
        elif isinstance(event, StageStarted):
            self.stage, self.total, self.done, self.note = event.stage, event.total, event.done, ""
            self.began, self._done_before, self._first = time.perf_counter(), event.done, None
        elif isinstance(event, CandidateMeasured):
            self.done += 1
            self._read(event.tokens_evaluated)
        elif isinstance(event, PassesMeasured):
            self._read(event.tokens_evaluated)
        elif isinstance(event, BudgetSpent):
            self._counted = event.spent
        elif isinstance(event, StageProgressed):
            self.done, self.total, self.note = event.done, event.total, event.note
        elif isinstance(event, StageFinished):
            self.stage, self.note, self.total, self.done, self._first = "", "", None, 0, None

    @property
    def speed(self) -> float | None:
        """Tokens per second since the first passes of the stage; None before its second ones."""
        if self._first is None or not self.tokens:
            return None
        seconds = time.perf_counter() - self._first[0]
        return self.tokens / seconds if seconds > 0 else None

    @property
    def tokens(self) -> int:
        """Tokens that the model has read since the first passes of the stage."""
        return 0 if self._first is None else self._tokens - self._first[1]

    @property
    def spent(self) -> float | None:
        """How much of the budget is spent, in its unit and never more than it is; None without a budget."""
        if self.budget is None:
            return None
        used = time.perf_counter() - self.started if self.budget.unit == "seconds" else self._counted
        return min(used, self.budget.amount)

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest of the stage takes at its pace so far; None within a budget, whose end is known."""
        done = self.done - self._done_before
        if self.budget is not None or not self.total or done < 1:
            return None
        return (time.perf_counter() - self.began) / done * max(0, self.total - self.done)

    def figures(self) -> list[str]:
        """What there is to say beside the stage's name, in the order of its weight."""
        found = []
        if self.total:
            found.append(f"{self.done:,} of {self.total:,}")
        if said := visible_line(self.note):
            found.append(said)
        if (speed := self.speed) is not None:
            found.append(f"{speed:,.0f} tokens/s")
            if self.done == self._done_before:  # as of a scorer that measures many candidates in one call
                found.append(f"{self.tokens:,} tokens read")
        if budget := self.of_budget():
            found.append(f"{budget} of the budget spent")
        elif (left := self.seconds_left) is not None:
            found.append(f"about {clock(left)} left in this step")
        return found

    def of_budget(self) -> str:
        """What is spent of the budget, such as 1:05/2:00 or 3,100/5,000 passes; "" without one."""
        spent = self.spent
        if spent is None or self.budget is None:
            return ""
        if self.budget.unit == "seconds":
            return f"{clock(spent)}/{clock(self.budget.amount)}"
        return f"{spent:,.0f}/{self.budget.amount:,.0f} {self.budget.unit}"

    def _read(self, tokens: int) -> None:
        self._tokens = tokens
        if self._first is None:
            self._first = time.perf_counter(), tokens


def of_worker(event: WorkerMeasured) -> str:
    """What a worker has done, in a line: worker cuda:0: 33 parts, 166,000 tokens, 4,210 tokens/s."""
    speed = f", {event.tokens_evaluated / event.seconds:,.0f} tokens/s" if event.seconds > 0 else ""
    parts = f"{event.parts:,} part{'' if event.parts == 1 else 's'}"
    return f"worker {visible_line(event.worker)}: {parts}, {event.tokens_evaluated:,} tokens{speed}"


def clock(seconds: float) -> str:
    """A time as minutes and seconds, with hours where there are some: 0:05, 12:40, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
