"""Scorer `ppl`: how well the model predicts a candidate's response from its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from icon.contribution.alone import AloneScorer
from icon.contribution.formulas import ppl
from icon.contribution.options import PplOptions
from icon.contribution.responses import response_outcomes
from icon.types import Measurement, Sample, Status


class PplScorer(AloneScorer):
    """PPL(y given x), ranked from its low or its high end."""

    needs_backend = True
    shares_passes = True

    def __init__(self, options: PplOptions) -> None:
        self.options = options

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """PPL(y given x) of each candidate, all of them in one call of the backend."""
        for candidate, got in zip(candidates, response_outcomes(candidates, self.task), strict=True):
            if got.status != Status.OK:
                yield [Measurement(candidate.id, status=got.status, reason=got.reason)]
            else:
                value = ppl(got.nll)
                yield [Measurement(candidate.id, nll=got.nll, n_tokens=got.n_tokens, value=value, reason=got.reason)]

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """PPL with the sign that puts the preferred end first."""
        return float(-value[0] if self.options.prefer == "low" else value[0])
