"""The measurements of a race as a table, and the looks at it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from icon.samples.ids import id_array
from icon.scorers.racing._estimates import estimate
from icon.scorers.racing._look import Look, look
from icon.scorers.racing._records import Ended, Outcome, Rules, Step
from icon.scorers.racing._slices import FEWEST, informative_order
from icon.types import Measurement, Sample, Status

Level = Callable[[NDArray[np.float64], Sequence[str]], NDArray[np.float64]]
"""Takes what the candidates' length explains out of a table of shape (candidates, samples), NaN where not measured."""


class Table:
    """The measurements as a matrix of candidates by assessment samples."""

    def __init__(
        self, candidates: Sequence[Sample], samples: Sequence[Sample], column: str, level: Level | None = None
    ) -> None:
        self._rows = {candidate.id: place for place, candidate in enumerate(candidates)}
        self._columns = {sample.id: place for place, sample in enumerate(samples)}
        self._column, self._level = column, level
        self._values = np.full((len(candidates), len(samples)), np.nan)
        self._by_id = np.argsort(np.argsort(id_array(candidate.id for candidate in candidates)))
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
        n, on_new = self._values.shape[1], rules.leaving == "likely"
        return look(
            values, n, keep, alpha=1 - rules.confidence, seed=rules.seed, on_new=on_new, by_id=self._by_id[self._places]
        )

    def among(self, picked: NDArray[np.bool_]) -> set[str]:
        """Ids of the candidates that an array over `sound` picks."""
        return {id_ for id_, is_picked in zip(self.sound, picked, strict=True) if is_picked}

    def staying(self, latest: Look, rules: Rules) -> set[str]:
        """Ids of the candidates that the next slice is measured on, if they are still in the race."""
        if not rules.stops:
            return set(self.sound)
        return self.among(latest.unsettled if rules.leaving == "likely" else latest.undecided)

    def outcome(self, ended: Ended, latest: Look, reached: int, path: list[Step], rules: Rules) -> Outcome:
        """The outcome of the race, with the scores as measured where the looks were at equal length."""
        raw = None
        if self._level:
            raw = estimate(self._measured, self._values.shape[1], alpha=1 - rules.confidence).score
        return Outcome(ended, latest, self.sound, reached, path, raw)

    @property
    def _measured(self) -> NDArray[np.float64]:
        """The measurements of the candidates without a failure, shape (candidates, samples)."""
        return self._values[self._places]

    @property
    def _places(self) -> list[int]:
        """Their rows in the table."""
        return [self._rows[id_] for id_ in self.sound]
