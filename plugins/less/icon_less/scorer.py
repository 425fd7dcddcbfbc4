"""Scorer `less`: likeness of a candidate's gradient to the gradients of the target tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError, InputError
from icon.inference import OutOfMemoryError
from icon.plugins import ScoringTask
from icon.scorers.round_robin import round_robin
from icon.types import Measurement, Sample, Status
from icon_less.gradients import Adapted, adapted, projection_for
from icon_less.projection import Projection
from icon_less.texts import Encoded, Failure, encode, model_of

if TYPE_CHECKING:
    from icon_less.options import LessOptions

FloatArray = NDArray[np.float64]


class LessScorer:
    """Cosine of the gradients of candidate and assessment sample, with respect to low-rank adapters on the model.

    A pair's value is the cosine; the score is the mean over the assessment samples, which ranks as the cosine with the
    mean of their gradients, each brought to length 1. The loss is the mean NLL per response token. Source: LESS (Xia et
    al. 2024, arXiv 2402.04333), sections 3 and 4; without warm-up the gradients are those of the model as it is.
    """

    needs_backend = True
    needs_assessment = True
    column: Literal["value"] = "value"
    backends = ("torch",)

    def __init__(self, options: LessOptions) -> None:
        self.options = options
        self._projection: Projection | None = None

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Take the assessment samples' gradients, again after an interruption; there are no shared measurements.

        Raises:
            AbilityError: The backend is not torch.
            ConfigError: The target modules are not in the model.
            InputError: Assessment samples have no gradient; the message lists all of them.
            BackendError: There is no memory for the gradient of an assessment sample.
        """
        self.task = task
        found = list(self._directions(task.assessment))
        pairs = list(zip(task.assessment, found, strict=True))
        faults = [(sample, one) for sample, (one, _) in pairs if isinstance(one, Failure)]
        lines = [f"  {sample.id} (row {sample.row}): {one.reason}" for sample, one in faults]
        if any(one.status is Status.OUT_OF_MEMORY for _, one in faults):
            what = "scorer less: no memory for gradients of assessment samples; smaller --max-prompt-tokens,"
            raise BackendError("\n".join([f"{what} --max-response-tokens and -o scorer.rank need less:", *lines]))
        if faults:
            raise InputError("\n".join(["assessment samples that have no gradient:", *lines]))
        self._targets = np.stack([one for one, _ in found if not isinstance(one, Failure)])
        return []

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The cosine of each candidate with every assessment sample, from a pass forward and one back per candidate."""
        for candidate, (own, note) in zip(candidates, self._directions(candidates), strict=True):
            if isinstance(own, Failure):
                yield [Measurement(candidate.id, status=own.status, reason=own.reason)]
                continue
            cosines = self._targets @ own
            yield [
                Measurement(candidate.id, sample.id, value=float(cosine), reason=note)
                for sample, cosine in zip(self.task.assessment, cosines, strict=True)
            ]

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The mean cosine."""
        return float(np.mean(value))

    def _directions(self, samples: Sequence[Sample]) -> Iterator[tuple[FloatArray | Failure, str]]:
        """Each sample's projected gradient brought to length 1, or why it has none, and what was truncated."""
        backend = model_of(self.task)
        with adapted(backend.model, backend.device, self.options, self.task.seed) as found:
            if self._projection is None:
                self._projection = projection_for(found, self.options, self.task.seed)
            for sample in samples:
                text = encode(sample, self.task)
                if isinstance(text, Failure):
                    yield text, ""
                else:
                    yield _direction(found, self._projection, text), text.note


class LargestGroup(LessScorer):
    """The score is the largest mean cosine of a task group, as in the paper's section 4.2."""

    def of_groups(self, means: Mapping[str, float]) -> float:
        """The largest mean."""
        return max(means.values())


class InTurns(LessScorer):
    """The score is a place: the target tasks take turns in choosing the candidate of the nearest gradient."""

    def together(self, measured: Mapping[str, Sequence[Measurement]]) -> dict[str, float]:
        """Places in the round-robin, counted from the end, so that the first to be taken scores highest."""
        return round_robin(
            {id_: [row.value for row in rows if row.value is not None] for id_, rows in measured.items()}
        )


SCORERS = {"mean": LessScorer, "max": LargestGroup, "round-robin": InTurns}
"""The scorer of each value of the option `combine`."""


def _direction(found: Adapted, projection: Projection, text: Encoded) -> FloatArray | Failure:
    try:
        projected = projection(found.gradient(text)).double().numpy()
    except OutOfMemoryError as error:
        return Failure(Status.OUT_OF_MEMORY, f"no memory for the gradient of {len(text.ids)} tokens: {error}")
    length = float(np.linalg.norm(projected))
    if not np.isfinite(length) or length == 0:
        return Failure(Status.NOT_FINITE, f"the length of its gradient is {length}, so it has no direction")
    return projected / length
