"""The order of a race: which candidates are measured on which assessment samples, slice by slice.

The next slice depends on the measurements alone, so a race that was stopped and is replayed from its stored
measurements reaches the same state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.scorers.racing._estimates import estimate
from icon.scorers.racing._look import Look, look
from icon.scorers.racing._slices import FEWEST, boundaries, informative_order, pilot_size
from icon.types import Measurement, Sample, Status

Ended = Literal["capture", "decided", "measured", "budget", "interrupted"]
"""Why a race ended: the choice is good enough, fewer than two are undecided, all is measured, or it was stopped."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a race is run.

    Attributes:
        keep: How many of the candidates are kept.
        first: Assessment samples of the first slice.
        capture: Expected captured gain at which the race ends; 1 never ends it.
        confidence: Confidence at which a candidate counts as accepted or rejected.
        stops: Whether decided candidates leave the race; False measures all of them on every slice.
        seed: Seed of the draws for the expected capture.
        informative: Whether a pilot, the first candidates on every sample, decides the order of the samples.
    """

    keep: int
    first: int
    capture: float
    confidence: float
    stops: bool
    seed: int
    informative: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """One round of a race: some candidates on some assessment samples.

    Attributes:
        number: Its number, from 0.
        samples: The assessment samples that are new in it.
        candidates: Those that are still in the race, in scoring order.
        start: How many samples the slices before it reached.
    """

    number: int
    samples: tuple[Sample, ...]
    candidates: tuple[Sample, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A look at a race.

    Attributes:
        samples: Assessment samples reached.
        pairs: Pairs measured.
        candidates: Candidates of the last slice.
        measured: Candidates that are measured on anything.
        open: Candidates that are undecided.
        capture: Expected captured gain.
    """

    samples: int
    pairs: int
    candidates: int
    measured: int
    open: int
    capture: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a race.

    Attributes:
        ended: Why it ended.
        look: The last look, over `candidates`.
        candidates: Ids of those without a failure, in scoring order.
        measured: How many assessment samples the race reached.
        path: Every look.
        raw_score: The expected means of the candidates as measured, where the looks are at equal length; else None.
    """

    ended: Ended
    look: Look
    candidates: list[str]
    measured: int
    path: list[Step]
    raw_score: NDArray[np.float64] | None = None


Level = Callable[[NDArray[np.float64], Sequence[str]], NDArray[np.float64]]
"""Takes what the candidates' length explains out of a table of shape (candidates, samples), NaN where not measured."""

Take = Callable[[Slice], tuple[Sequence[Measurement], Ended | None]]
"""Returns a slice's measurements; where it is not complete, also why the race ends."""


def _ignore(_: Look) -> None:
    """No-op callback."""


def run_race(
    candidates: Sequence[Sample],
    samples: Sequence[Sample],
    rules: Rules,
    take: Take,
    column: str = "c",
    on_look: Callable[[Look], None] = _ignore,
    level: Level | None = None,
) -> Outcome:
    """Measure slice after slice until the choice is good enough.

    Args:
        candidates: All candidates, in scoring order.
        samples: The assessment set, in the order in which it is measured unless a pilot decides another.
        rules: How the race is run.
        take: Returns the measurements of a slice; a candidate with a failed one leaves the race.
        column: The column of the measurements whose mean is the score.
        on_look: Called with every look.
        level: Makes a table of measurements equal in length, given the ids of its candidates, before each look.

    Returns:
        The outcome after the last slice with any measurement.
    """
    table = _Table(candidates, samples, column, level)
    active, start, first, path = list(candidates), 0, 0, []
    if rules.informative and (size := pilot_size(len(candidates))):
        rows, stopped = take(Slice(0, tuple(samples), tuple(candidates[:size])))
        table.fill(rows)
        latest = table.look(rules)
        on_look(latest)
        path.append(_step(len(samples), size, table, latest))
        if stopped:
            return table.outcome(stopped, latest, len(samples), path, rules)
        samples = table.informative(size, samples)
        active, first = list(candidates[size:]), 1
    for number, end in enumerate(boundaries(len(samples), rules.first), start=first):
        rows, stopped = take(Slice(number, tuple(samples[start:end]), tuple(active), start))
        if stopped and not rows and path:
            return table.outcome(stopped, latest, start, path, rules)
        table.fill(rows)
        latest = table.look(rules)
        on_look(latest)
        path.append(_step(end, len(active), table, latest))
        undecided = {id_ for id_, is_undecided in zip(table.sound, latest.undecided, strict=True) if is_undecided}
        rivals = sum(candidate.id in undecided for candidate in active)  # one that has left stays decided
        ended = stopped or _ended(latest, rules, whole=end == len(samples), rivals=rivals)
        if ended:
            return table.outcome(ended, latest, end, path, rules)
        left = undecided if rules.stops else set(table.sound)
        active, start = [candidate for candidate in active if candidate.id in left], end
    raise AssertionError("the last slice ends at the last assessment sample")


def _ended(latest: Look, rules: Rules, *, whole: bool, rivals: int) -> Ended | None:
    if whole:
        return "measured"
    if rivals < 2:  # a single undecided candidate has no other to be compared with
        return "decided"
    return "capture" if rules.capture < 1 and latest.capture >= rules.capture else None


def _step(reached: int, active: int, table: _Table, latest: Look) -> Step:
    return Step(reached, table.pairs, active, table.measured, int(latest.undecided.sum()), latest.capture)


class _Table:
    """The measurements as a matrix of candidates by assessment samples."""

    def __init__(
        self, candidates: Sequence[Sample], samples: Sequence[Sample], column: str, level: Level | None = None
    ) -> None:
        self._rows = {candidate.id: place for place, candidate in enumerate(candidates)}
        self._columns = {sample.id: place for place, sample in enumerate(samples)}
        self._column, self._level = column, level
        self._values = np.full((len(candidates), len(samples)), np.nan)
        self._failed: set[str] = set()

    @property
    def sound(self) -> list[str]:
        """Ids of the candidates without a failure, in scoring order."""
        return [id_ for id_ in self._rows if id_ not in self._failed]

    @property
    def measured(self) -> int:
        """How many candidates have a measurement."""
        return int((~np.isnan(self._values)).any(axis=1).sum())

    @property
    def pairs(self) -> int:
        """How many pairs are measured."""
        return int((~np.isnan(self._values)).sum())

    def fill(self, rows: Iterable[Measurement]) -> None:
        """Add measurements; a failed one excludes its candidate."""
        for row in rows:
            value = getattr(row, self._column)
            if row.status != Status.OK or row.assessment is None or value is None or not math.isfinite(value):
                self._failed.add(row.candidate)
            else:
                self._values[self._rows[row.candidate], self._columns[row.assessment]] = value

    def informative(self, size: int, samples: Sequence[Sample]) -> list[Sample]:
        """The samples in the order learnt from the first `size` candidates; unchanged where too few are sound."""
        pilot = self._values[:size]
        pilot = pilot[~np.isnan(pilot).any(axis=1)]
        if len(pilot) < FEWEST:
            return list(samples)
        return [samples[place] for place in informative_order(pilot, [len(sample.text) for sample in samples])]

    def look(self, rules: Rules) -> Look:
        """A look at what is measured so far, about the scores over the whole assessment set."""
        values = self._measured
        if self._level:
            values = self._level(values, self.sound)
        keep = min(rules.keep, len(values))
        return look(values, self._values.shape[1], keep, alpha=1 - rules.confidence, seed=rules.seed)

    def outcome(self, ended: Ended, latest: Look, reached: int, path: list[Step], rules: Rules) -> Outcome:
        """The outcome of the race, with the scores as measured where the looks were at equal length."""
        raw = None
        if self._level:
            raw = estimate(self._measured, self._values.shape[1], alpha=1 - rules.confidence).score
        return Outcome(ended, latest, self.sound, reached, path, raw)

    @property
    def _measured(self) -> NDArray[np.float64]:
        """The measurements of the candidates without a failure, shape (candidates, samples)."""
        return self._values[[self._rows[id_] for id_ in self.sound]]
