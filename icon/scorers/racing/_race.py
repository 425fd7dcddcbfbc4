"""The order of a race: which candidates are measured on which assessment samples, slice by slice.

The next slice depends on the measurements alone, so a race that was stopped and is replayed from its stored
measurements reaches the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from icon.scorers.racing._look import Look
from icon.scorers.racing._records import Ended, Outcome, Rules, Slice, Step
from icon.scorers.racing._slices import boundaries, pilot_size
from icon.scorers.racing._table import Level, Table
from icon.types import Measurement, Sample

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
    table = Table(candidates, samples, column, level)
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
    everyone = active
    for number, end in enumerate(boundaries(len(samples), rules.first, rules.fewest), start=first):
        rows, stopped = take(Slice(number, tuple(samples[start:end]), tuple(active), start))
        if stopped and not rows and path:
            return table.outcome(stopped, latest, start, path, rules)
        table.fill(rows)
        latest = table.look(rules)
        on_look(latest)
        path.append(_step(end, len(active), table, latest))
        racing = everyone if rules.leaving == "likely" else active  # one that is decided stays so
        undecided = table.among(latest.undecided)
        rivals = sum(candidate.id in undecided for candidate in racing)
        ended = stopped or _ended(latest, rules, whole=end == len(samples), rivals=rivals)
        if ended:
            return table.outcome(ended, latest, end, path, rules)
        left = table.staying(latest, rules)
        active, start = [candidate for candidate in racing if candidate.id in left], end
    raise AssertionError("the last slice ends at the last assessment sample")


def _ended(latest: Look, rules: Rules, *, whole: bool, rivals: int) -> Ended | None:
    """Why the race ends here; None where it goes on. `whole` says that the last sample is reached."""
    if whole and (rules.leaving == "certain" or np.isposinf(latest.distance).all()):
        return "measured"
    if rivals < 2:  # a single undecided candidate has no other to be compared with
        return "decided"
    if rules.capture < 1 and latest.capture >= rules.capture:
        return "capture"
    return "samples" if whole else None


def _step(reached: int, active: int, table: Table, latest: Look) -> Step:
    return Step(reached, table.pairs, active, table.measured, int(latest.undecided.sum()), latest.capture)
