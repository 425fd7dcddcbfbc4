"""What scorers have in common that look at a candidate by itself, without an assessment set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.protocols import ScoringTask
from icon.types import Measurement, Sample


class AloneScorer:
    """A scorer whose subclass gives one value a candidate: implement `value_of`, or override `measure`."""

    needs_backend = False
    needs_assessment = False
    column: Literal["value"] = "value"

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Keep the task; candidates share nothing."""
        self.task = task
        return []

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """One value a candidate."""
        for candidate in candidates:
            yield [Measurement(candidate.id, value=self.value_of(candidate))]

    def value_of(self, candidate: Sample) -> float:
        """The candidate's value."""
        raise NotImplementedError

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The value itself."""
        return float(value[0])
