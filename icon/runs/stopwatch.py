"""The seconds of this process that count among those of a run, whenever it is stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from icon.runs.records import Times

EVERY = 60.0
"""Seconds of measuring after which run.json is written for the time alone, so that a kill loses no more."""


class Stopwatch:
    """Seconds of this process, in all and by piece of work.

    Attributes:
        started: When the command began, on the clock of `time.perf_counter`.
        took: Seconds of this process by piece of work; run.json has those of earlier starts as well.
        latest: Those of the last piece of work that ended.
        complete: Whether that one came to its end.
    """

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.took: dict[str, float] = {}
        self.latest, self.complete = 0.0, False
        self._counted: float | None = None

    def begin(self) -> None:
        """Count the time since the command began, and from now on."""
        if self._counted is None:
            self._counted = self.started

    @property
    def is_due(self) -> bool:
        """Whether much time is not counted yet."""
        return self._counted is not None and time.perf_counter() - self._counted >= EVERY

    def counted(self, times: Times) -> Times:
        """These times with the seconds since the last call added to `total_seconds`."""
        if self._counted is None:
            return times
        now, before = time.perf_counter(), self._counted
        self._counted = now
        return times.model_copy(update={"total_seconds": round((times.total_seconds or 0.0) + now - before, 3)})

    @contextmanager
    def measuring(self, what: str) -> Iterator[None]:
        """Count the seconds of a piece of work, also where it is stopped."""
        start, complete = time.perf_counter(), False
        try:
            yield
            complete = True
        finally:
            self.complete = complete
            self.latest = time.perf_counter() - start
            self.took[what] = self.took.get(what, 0.0) + self.latest
