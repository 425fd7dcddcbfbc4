"""Scorer `ifd`: how much the instruction helps the model to predict the response, as a ratio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from icon.contribution.alone import AloneScorer
from icon.contribution.responses import score_responses
from icon.types import Measurement, Sample, Status, TokenLogProbs


class IfdScorer(AloneScorer):
    """IFD = mean NLL(y given x) / mean NLL(y), in nats per token, highest first among those below 1.

    Source: "From Quantity to Quality" (arXiv 2308.12032), section 2.2. A ratio of 1 or more says that the instruction
    does not help at all; the paper leaves such samples out, so they rank behind all others, the highest last.
    """

    needs_backend = True

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The ratio of each candidate, from two calls of the backend for all of them."""
        conditional = score_responses(candidates, self.task)
        unconditional = score_responses(candidates, self.task, with_prompt=False)
        for candidate, (given, note), (alone, _) in zip(candidates, conditional, unconditional, strict=True):
            yield [ratio(candidate.id, given, alone, note)]

    def score(self, c: NDArray[np.float64], log_gain: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        """The ratio where it is below 1, else its negative."""
        return float(value[0]) if value[0] < 1 else -float(value[0])


def ratio(candidate: str, given: TokenLogProbs, alone: TokenLogProbs, note: str = "") -> Measurement:
    """The measurement of one candidate from log-probabilities with and without its prompt; the note goes with it."""
    for got in (given, alone):
        if got.status != Status.OK:
            return Measurement(candidate, status=got.status, reason=got.reason)
    if alone.nll == 0:
        return Measurement(candidate, status=Status.NOT_FINITE, reason="NLL(y) is 0, so the ratio has no value")
    value = given.nll / alone.nll
    return Measurement(candidate, nll=given.nll, n_tokens=len(given.token_ids), value=value, reason=note)
