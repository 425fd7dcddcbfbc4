"""Scorers `ppl`, `length` and `random`: the baselines that every selection is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from icon.plugins import Options
from icon.samples.ids import each_text
from icon.samples.pool_samples import PoolSamples
from icon.scorers.alone import AloneScorer
from icon.scorers.formulas import ppl
from icon.scorers.options import LengthOptions, PplOptions
from icon.scorers.passes import response_outcomes
from icon.types import Measurement, Sample, Status


class PplScorer(AloneScorer):
    """PPL(y given x), ranked from its low or its high end."""

    needs_backend = True
    shares_passes = True

    def __init__(self, options: PplOptions) -> None:
        self.options = options

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """PPL(y given x) of each candidate, all of them in one backend call."""
        for candidate, own in zip(candidates, response_outcomes(candidates, self.task), strict=True):
            if own.status != Status.OK:
                yield [Measurement(candidate.id, status=own.status, reason=own.reason)]
            else:
                yield [
                    Measurement(
                        candidate.id,
                        nll=own.nll,
                        n_tokens=own.n_tokens,
                        value=ppl(own.nll),
                        first=own.first,
                        second=own.second,
                        reason=own.reason,
                    )
                ]

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """PPL with the sign that puts the preferred end first."""
        return float(-value[0] if self.options.prefer == "low" else value[0])


class LengthScorer(AloneScorer):
    """Ranks long responses first."""

    def __init__(self, options: LengthOptions) -> None:
        self.options = options

    def value_of(self, candidate: Sample) -> float:
        """Length of the response, in characters or words."""
        text = candidate.response
        return float(len(text) if self.options.unit == "characters" else len(text.split()))

    def values_of(self, candidates: PoolSamples) -> NDArray[np.float64]:
        """The same of many; characters are known without the texts."""
        if self.options.unit == "characters":
            return candidates.answers.astype(np.float64)
        return np.fromiter(map(self.value_of, candidates), np.float64, len(candidates))


class RandomScorer(AloneScorer):
    """A uniform number in [0, 1) that depends on the seed and the candidate's id alone, not on the pool's order."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def value_of(self, candidate: Sample) -> float:
        """The candidate's draw."""
        return self._draw(candidate.id)

    def values_of(self, candidates: PoolSamples) -> NDArray[np.float64]:
        """The same of many, by their ids."""
        return np.fromiter(map(self._draw, each_text(candidates.ids)), np.float64, len(candidates))

    def _draw(self, id_: str) -> float:
        digest = blake2b(f"{self.task.seed}/{id_}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / 2**56
