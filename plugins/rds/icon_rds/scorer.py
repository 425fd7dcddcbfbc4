"""Scorer `rds`: similarity of a candidate to the target tasks in the model's hidden states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.plugins import ScoringTask
from icon.scorers.round_robin import round_robin
from icon.types import Measurement, Sample
from icon_rds.embedding import embed, embedder_of

if TYPE_CHECKING:
    from icon_rds.options import RdsOptions

FloatArray = NDArray[np.float64]


class RdsScorer:
    """Cosine of the position-weighted mean hidden states of candidate and assessment sample; ranked round-robin.

    h(text) = sum over its n tokens of i / (1 + ... + n) times the last hidden state of token i. Source: RDS+ in
    "Large-Scale Data Selection for Instruction Tuning" (arXiv 2503.01807), section 3.
    """

    needs_backend = True
    needs_assessment = True
    own_passes = 1
    column: Literal["value"] = "value"

    def __init__(self, options: RdsOptions) -> None:
        self.options = options

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Embed the assessment set, again after an interruption; there are no shared measurements.

        Raises:
            AbilityError: The backend cannot embed.
            InputError: Assessment samples cannot be embedded; the message lists all of them.
        """
        self.task = task
        embedder_of(task)
        embedded = embed(task.assessment, task, self.options.pooling)
        pairs = list(zip(task.assessment, embedded, strict=True))
        if faults := [f"  {sample.id} (row {sample.row}): {one.reason}" for sample, one in pairs if one.vector is None]:
            raise InputError("\n".join(["assessment samples that cannot be embedded:", *faults]))
        self._targets = np.stack([one.vector for one in embedded if one.vector is not None])
        return []

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The cosine of each candidate with every assessment sample, from one backend call for all of them."""
        for candidate, own in zip(candidates, embed(candidates, self.task, self.options.pooling), strict=True):
            if own.vector is None:
                yield [Measurement(candidate.id, status=own.status, reason=own.reason)]
                continue
            cosines = [float(np.dot(target, own.vector)) for target in self._targets]
            yield [
                Measurement(candidate.id, sample.id, value=cosine, reason=own.reason)
                for sample, cosine in zip(self.task.assessment, cosines, strict=True)
            ]

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The mean cosine, the score of a candidate by itself."""
        return float(np.mean(value))

    def together(self, measured: Mapping[str, Sequence[Measurement]]) -> dict[str, float]:
        """Places in the round-robin, counted from the end, so that the first to be taken scores highest."""
        return round_robin(
            {id_: [row.value for row in rows if row.value is not None] for id_, rows in measured.items()}
        )
