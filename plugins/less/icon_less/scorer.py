"""Scorer `less`: likeness of a candidate's gradient to the gradients of the target tasks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError, InputError, RunError
from icon.plugins import ScoringTask
from icon.scorers.round_robin import round_robin
from icon.types import Measurement, Sample, Status
from icon_less.directions import Direction, Directions
from icon_less.texts import Failure

if TYPE_CHECKING:
    from icon_less.options import LessOptions

FloatArray = NDArray[np.float64]

APART = 0.01
"""Relative difference of a gradient's length between two starts of a run that rounding may cause."""


class LessScorer:
    """Cosine of the gradients of candidate and assessment sample, with respect to low-rank adapters on the model.

    A pair's value is the cosine; the score is the mean over the assessment samples, which ranks as the cosine with the
    mean of their gradients, each brought to length 1. The loss is the mean NLL per response token. Without a warm-up
    the gradients are those of the model as it is. After one a candidate's gradient is replaced by the step that Adam
    would take with it; of the paper's checkpoints, the last one counts alone. Source: LESS (Xia et al. 2024, arXiv
    2402.04333), sections 3 and 4.
    """

    needs_backend = True
    needs_assessment = True
    column: Literal["value"] = "value"
    backends = ("torch",)
    own_passes = 3
    """A pass forward and one back, which is worth two."""

    def __init__(self, options: LessOptions) -> None:
        self.options = options

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Warm up where that is asked for, and take the assessment samples' gradients; again after an interruption.

        Returns:
            A row per assessment sample, whose value is the length of its projected gradient.

        Raises:
            AbilityError: The backend is not torch.
            ConfigError: The target modules are not in the model, or there is no file to warm up on.
            InputError: Assessment samples have no gradient, or records of the warm-up cannot be read; all are listed.
            BackendError: There is no memory for the warm-up or an assessment sample, or the warm-up diverges.
            RunError: The gradients are not those of an earlier start of the run.
        """
        self.task = task
        self._directions = Directions(task, self.options)
        found = list(self._directions.of(task.assessment))
        faults = [(sample, one) for sample, one in zip(task.assessment, found, strict=True) if isinstance(one, Failure)]
        lines = [f"  {sample.id} (row {sample.row}): {one.reason}" for sample, one in faults]
        if any(one.status is Status.OUT_OF_MEMORY for _, one in faults):
            what = "scorer less: no memory for gradients of assessment samples; smaller --max-prompt-tokens,"
            raise BackendError("\n".join([f"{what} --max-response-tokens and -o scorer.rank need less:", *lines]))
        if faults:
            raise InputError("\n".join(["assessment samples that have no gradient:", *lines]))
        directions = [one for one in found if isinstance(one, Direction)]
        self._targets = np.stack([one.vector for one in directions])
        lengths = zip(task.assessment, directions, strict=True)
        shared = [Measurement("", sample.id, value=one.length, reason=one.note) for sample, one in lengths]
        return _unchanged(finished, shared) if finished else shared

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The cosine of each candidate with every assessment sample, from a pass forward and one back per candidate."""
        directions = self._directions.of(candidates, as_steps=True)
        for candidate, own in zip(candidates, directions, strict=True):
            if isinstance(own, Failure):
                yield [Measurement(candidate.id, status=own.status, reason=own.reason)]
                continue
            yield [
                Measurement(candidate.id, sample.id, value=float(cosine), reason=own.note)
                for sample, cosine in zip(self.task.assessment, self._targets @ own.vector, strict=True)
            ]

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The mean cosine."""
        return float(np.mean(value))


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


def _unchanged(finished: Sequence[Measurement], shared: Sequence[Measurement]) -> list[Measurement]:
    """What an earlier start stored.

    Raises:
        RunError: It is not what this start has found.
    """
    for before, now in zip(finished, shared, strict=True):
        if not math.isclose(before.value or 0.0, now.value or 0.0, rel_tol=APART):
            raise RunError(
                f"scorer less: assessment sample {now.assessment}: its gradient has the length {now.value:.6g}, at an "
                f"earlier start of this run it was {before.value:.6g}: another machine or version of a library gives "
                "another result. Start a new run with another --out"
            )
    return list(finished)
