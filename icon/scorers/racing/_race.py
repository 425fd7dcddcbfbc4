"""The order of a race: which candidates are measured on which assessment samples, slice by slice.

What comes next depends on what was measured and on nothing else, so a race that was stopped, gone through again from
its stored measurements, comes to the same place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

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
        capture: Expected captured gain at which it ends; 1 for no such end.
        confidence: At which a candidate counts as decided.
        stops: Whether decided candidates stop; False measures all of them on every slice.
        seed: Seed of the draws behind the expected capture.
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
    """A round: these candidates on these assessment samples.

    Attributes:
        number: Which slice, from 0.
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
    """What a race came to.

    Attributes:
        ended: Why it ended.
        look: The last look, over `candidates`.
        candidates: Ids of those that were never found to fail, in scoring order.
        measured: How many assessment samples the race reached.
        path: Every look.
    """

    ended: Ended
    look: Look
    candidates: list[str]
    measured: int
    path: list[Step]


Take = Callable[[Slice], tuple[Sequence[Measurement], Ended | None]]
"""Gives a slice's measurements, and why there will be no more where it is not whole."""


def _unseen(_: Look) -> None:
    """Nobody watches the looks."""


def run_race(
    candidates: Sequence[Sample],
    samples: Sequence[Sample],
    rules: Rules,
    take: Take,
    column: str = "c",
    on_look: Callable[[Look], None] = _unseen,
) -> Outcome:
    """Go through the slices until the choice is good enough.

    Args:
        candidates: All candidates, in scoring order.
        samples: The assessment set, in the order in which it is measured unless a pilot says otherwise.
        rules: How the race is run.
        take: Gives the measurements of a slice; candidates with a failed one leave the race.
        column: Which measurement the score is the mean of.
        on_look: Called with every look.

    Returns:
        The outcome after the last slice that anything was measured of.
    """
    table = _Table(candidates, samples, column)
    active, start, first, path = list(candidates), 0, 0, []
    if rules.informative and (size := pilot_size(len(candidates))):
        rows, stopped = take(Slice(0, tuple(samples), tuple(candidates[:size])))
        table.fill(rows)
        found = table.look(rules)
        on_look(found)
        path.append(_step(len(samples), size, table, found))
        if stopped:
            return Outcome(stopped, found, table.sound, len(samples), path)
        samples = table.informative(size, samples)
        active, first = list(candidates[size:]), 1
    for number, end in enumerate(boundaries(len(samples), rules.first), start=first):
        rows, stopped = take(Slice(number, tuple(samples[start:end]), tuple(active), start))
        if stopped and not rows and path:
            return Outcome(stopped, found, table.sound, start, path)
        table.fill(rows)
        found = table.look(rules)
        on_look(found)
        path.append(_step(end, len(active), table, found))
        undecided = {id_ for id_, is_undecided in zip(table.sound, found.undecided, strict=True) if is_undecided}
        rivals = sum(each.id in undecided for each in active)  # who has stopped is decided, whatever comes after
        ended = stopped or _ended(found, rules, whole=end == len(samples), rivals=rivals)
        if ended:
            return Outcome(ended, found, table.sound, end, path)
        left = undecided if rules.stops else set(table.sound)
        active, start = [each for each in active if each.id in left], end
    raise AssertionError("the last slice ends at the last assessment sample")


def _ended(found: Look, rules: Rules, *, whole: bool, rivals: int) -> Ended | None:
    if whole:
        return "measured"
    if rivals < 2:  # one alone has nobody to be compared with
        return "decided"
    return "capture" if rules.capture < 1 and found.capture >= rules.capture else None


def _step(reached: int, active: int, table: _Table, found: Look) -> Step:
    return Step(reached, table.pairs, active, table.measured, int(found.undecided.sum()), found.capture)


class _Table:
    """The measurements by candidate and assessment sample."""

    def __init__(self, candidates: Sequence[Sample], samples: Sequence[Sample], column: str) -> None:
        self._rows = {each.id: place for place, each in enumerate(candidates)}
        self._columns = {each.id: place for place, each in enumerate(samples)}
        self._column = column
        self._values = np.full((len(candidates), len(samples)), np.nan)
        self._failed: set[str] = set()

    @property
    def sound(self) -> list[str]:
        """Ids of the candidates without a failure, in scoring order."""
        return [id_ for id_ in self._rows if id_ not in self._failed]

    @property
    def measured(self) -> int:
        """How many candidates are measured on anything."""
        return int((~np.isnan(self._values)).any(axis=1).sum())

    @property
    def pairs(self) -> int:
        """How many pairs are measured."""
        return int((~np.isnan(self._values)).sum())

    def fill(self, rows: Iterable[Measurement]) -> None:
        """Take measurements up."""
        for each in rows:
            value = getattr(each, self._column)
            if each.status != Status.OK or each.assessment is None or value is None or not math.isfinite(value):
                self._failed.add(each.candidate)
            else:
                self._values[self._rows[each.candidate], self._columns[each.assessment]] = value

    def informative(self, size: int, samples: Sequence[Sample]) -> list[Sample]:
        """The samples in the order that the first candidates teach; as they are where too few of these are sound."""
        pilot = self._values[:size]
        pilot = pilot[~np.isnan(pilot).any(axis=1)]
        if len(pilot) < FEWEST:
            return list(samples)
        return [samples[place] for place in informative_order(pilot, [len(each.text) for each in samples])]

    def look(self, rules: Rules) -> Look:
        """Look at what is measured so far; the whole set is what scores are about."""
        sound = [self._rows[id_] for id_ in self.sound]
        values = self._values[sound]
        keep = min(rules.keep, len(sound))
        return look(values, self._values.shape[1], keep, alpha=1 - rules.confidence, seed=rules.seed)
