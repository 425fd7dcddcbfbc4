"""Base classes of scorers that measure a candidate by itself, without an assessment set."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.plugins import ScoringTask
from icon.scorers.passes import Outcome, response_outcomes
from icon.types import Measurement, Sample, Status

HIGHEST_UNHELPED = -1.0
"""The score of a ratio of 1; larger ratios have lower scores, and those below 1 higher ones."""


class AloneScorer:
    """Base of a scorer with one value per candidate: implement `value_of`, or override `measure`.

    Where the values of many candidates follow from less than their texts, a method `values_of` beside `value_of` gives
    them as one array (`ValueScorer`).
    """

    needs_backend = False
    needs_assessment = False
    column: Literal["value"] = "value"

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Keep the task; there are no shared measurements."""
        self.task = task
        return []

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """One value per candidate."""
        for candidate in candidates:
            yield [Measurement(candidate.id, value=self.value_of(candidate))]

    def value_of(self, candidate: Sample) -> float:
        """The candidate's value."""
        raise NotImplementedError

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The value itself."""
        return float(value[0])


class RatioScorer(AloneScorer):
    """Base of a scorer by a ratio of NLL(y given x) to NLL(y) or of their PPLs, highest first among those below 1.

    A ratio of 1 or more says that the prompt does not help at all. The papers leave such samples out; here they rank
    below all others, the highest last. A subclass implements `ratio`.
    """

    needs_backend = True
    shares_passes = True

    def ratio(self, nll: float, nll_alone: float) -> float:
        """The ratio from NLL(y given x) and NLL(y), nats per token; not finite where it is undefined."""
        raise NotImplementedError

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The ratio of each candidate, from two backend calls for all of them."""
        conditional = response_outcomes(candidates, self.task)
        unconditional = response_outcomes(candidates, self.task, with_prompt=False)
        for candidate, given, alone in zip(candidates, conditional, unconditional, strict=True):
            yield [self._measurement(candidate.id, given, alone)]

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The ratio where it is below 1, else its negative."""
        return float(value[0]) if value[0] < 1 else -float(value[0])

    def selection_warnings(self, scores: Mapping[str, float], kept: Collection[str]) -> list[str]:
        """A warning with the number of kept candidates whose ratio is 1 or more; see `icon.plugins.WarningScorer`."""
        helped = sum(score > HIGHEST_UNHELPED for score in scores.values())
        unhelped = sum(scores[id_] <= HIGHEST_UNHELPED for id_ in kept if id_ in scores)
        if not unhelped:
            return []
        warning = (
            f"ratio of 1 or more: {unhelped:,} of the {len(kept):,} kept candidates. Their prompt does not help the "
            "model to predict the response, and the method leaves such candidates out"
        )
        if helped and scores.keys() >= set(kept):
            warning += f". {helped:,} of the scored ones are below 1: --keep {helped} keeps no others"
        return [warning]

    def _measurement(self, candidate: str, given: Outcome, alone: Outcome) -> Measurement:
        for outcome in (given, alone):
            if outcome.status != Status.OK:
                return Measurement(candidate, status=outcome.status, reason=outcome.reason)
        value = self.ratio(given.nll, alone.nll)
        if not math.isfinite(value):
            reason = f"no finite ratio: NLL(y given x) is {given.nll + 0.0:g} and NLL(y) is {alone.nll + 0.0:g}"
            return Measurement(candidate, status=Status.NOT_FINITE, reason=reason)
        return Measurement(
            candidate,
            nll=given.nll,
            nll_alone=alone.nll,
            n_tokens=given.n_tokens,
            value=value,
            first=given.first,
            second=given.second,
            first_random=alone.first,
            second_random=alone.second,
            reason=given.reason,
        )
