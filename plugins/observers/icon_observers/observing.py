"""Turns the events of a run into figures over steps, and passes them to trackers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from icon import network
from icon.errors import ConfigError, PluginError
from icon.plugins import (
    BudgetSpent,
    CandidateMeasured,
    Event,
    PassesMeasured,
    RunFinished,
    RunStarted,
    StageFinished,
    StageProgressed,
    StageStarted,
    Warned,
)
from icon_observers.apart import Apart
from icon_observers.tracker import Tracker

NAMES = ("wandb", "mlflow", "trackio")
"""The trackers that there are."""

EVERY = 5.0
"""Seconds between two steps while candidates are measured."""

WAIT = 10.0
"""Most seconds for which the end of a run waits for its trackers, all together."""


class Observing:
    """Takes the events of one run after another, and logs numbers and settings; no text of a record is among them.

    Each tracker has a thread of its own, and begins with the first stage: a call that is refused before leaves nothing
    in it. One that raises is left out alone, which is said when the run ends.

    Args:
        trackers: Make the trackers of a run.
        names: Their names, for messages.
        clock: The current time in seconds.

    Raises:
        PluginError: At the end of a run, where trackers failed.
    """

    def __init__(
        self,
        *trackers: Callable[[], Tracker],
        names: Sequence[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._make, self._clock = trackers, clock
        self._names = names or [f"tracker {number}" for number in range(1, len(trackers) + 1)]
        self._given: RunStarted | None = None
        self._trackers: list[Apart] = []
        self._step, self._logged = 0, 0.0
        self._now: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._warnings = 0

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, RunStarted):
            self._start(event)
        elif isinstance(event, RunFinished):
            self._end(event)
        elif isinstance(event, Warned):
            self._warnings += 1
        else:
            self._begin()
            self._noted(event)

    def _noted(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._now["progress/candidates"] = float(event.done)
        elif isinstance(event, StageFinished):
            piece = f"seconds/{event.stage.partition(', samples')[0]}"  # one figure for all slices of a race
            self._seconds[piece] = self._seconds.get(piece, 0.0) + event.seconds
            self._log()
        else:
            self._measured(event)

    def _measured(self, event: Event) -> None:
        if isinstance(event, CandidateMeasured):
            self._now["progress/candidates"] = self._now.get("progress/candidates", 0.0) + 1
        if isinstance(event, CandidateMeasured | PassesMeasured):
            self._now["progress/tokens"] = float(event.tokens_evaluated)
        elif isinstance(event, BudgetSpent):
            self._now[f"budget/{event.unit}"] = event.spent
        elif isinstance(event, StageProgressed):
            self._now["progress/training"] = event.done / event.total if event.total else 0.0
        if self._clock() - self._logged >= EVERY:
            self._log()

    def _start(self, event: RunStarted) -> None:
        for tracker in self._trackers:  # of a run whose end was not heard of
            tracker.end("failed", {})
        self._given, self._trackers = event, []
        self._step, self._logged, self._warnings = 0, self._clock(), 0
        self._now, self._seconds = {}, {}

    def _begin(self) -> None:
        """Let the trackers begin, with the first event of a stage."""
        if (given := self._given) is not None:
            self._given = None
            self._trackers = [Apart(make, Path(given.run).name, given.settings) for make in self._make]

    def _log(self) -> None:
        figures = self._now | self._seconds
        for tracker in self._trackers if figures else ():
            tracker.log(self._step, figures)
        self._step, self._logged = self._step + 1, self._clock()

    def _end(self, event: RunFinished) -> None:
        """End the trackers' runs, and say which of them failed.

        Raises:
            PluginError: Some did.
        """
        trackers, self._trackers, self._given = self._trackers, [], None
        figures: Mapping[str, float] = {**event.figures, "warnings": float(self._warnings)}
        for tracker in trackers:
            tracker.end(event.status, figures)
        until = time.monotonic() + WAIT
        faults = []
        for name, tracker in zip(self._names, trackers, strict=False):
            if (fault := tracker.fault(until - time.monotonic())) is not None:
                faults.append(f"{name} was left out ({type(fault).__name__}: {fault})")
        if faults:
            raise PluginError("; ".join([*faults, "the run itself is not concerned"]))


def observing(*names: str) -> Observing:
    """An observer for `icon.run(..., progress=observing("wandb"))`; on the command line it is `ICON_OBSERVERS=wandb`.

    Args:
        names: wandb, mlflow, trackio: one or several.

    Raises:
        ConfigError: There is no tracker of a name, or its library is not installed.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise ConfigError(f"observers: found {', '.join(map(repr, unknown))}; valid: {', '.join(NAMES)}")
    return Observing(*(_tracker(name) for name in names), names=names)


def offline() -> bool:
    """Whether the user keeps this command offline: `--offline` or `ICON_OFFLINE`."""
    return network.why() == network.BY_USER


def _tracker(name: str) -> Callable[[], Tracker]:
    """What makes the tracker of that name; its library is imported here, so that a missing one is an error at once."""
    try:
        make: Callable[[], Tracker] = import_module(f"icon_observers.{name}_tracker").make
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ConfigError(
            f'observer {name}: {name} is not installed; to install it: pip install "icon-select[{name}]" '
            f'(from a checkout: pip install "./plugins/observers[{name}]")'
        ) from None
    return make
