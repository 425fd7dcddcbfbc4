"""What is kept of a pass: one number a target, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from icon.types import Status, TokenLogProbs


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a target's log-probabilities: controls stay for the whole run, so their tokens must not.

    Attributes:
        nll: Nats per token; NaN where the status is not OK, and then never used.
        n_tokens: N, the number of response tokens.
        status: OK, or why there is no number.
        reason: What happened, where the status is not OK; else what was truncated, where that is noted.
    """

    nll: float
    n_tokens: int
    status: Status
    reason: str

    @classmethod
    def of(cls, got: TokenLogProbs, note: str = "") -> Outcome:
        """The same without the tokens, with a note of what was truncated."""
        if got.status != Status.OK:
            return cls(math.nan, len(got.token_ids), got.status, got.reason)
        return cls(got.nll, len(got.token_ids), got.status, note)


def weighted_mean(parts: Sequence[tuple[float, Outcome]]) -> Outcome:
    """Several outcomes of one target as one: the sum of weight times NLL, in nats per token.

    Args:
        parts: Weights that sum to 1, each with its outcome; one of weight 0 is not looked at.

    Returns:
        The mean; or, where an outcome that counts has failed, the first such failure, which has no number.
    """
    used = [(weight, each) for weight, each in parts if weight]
    for _, each in used:
        if each.status != Status.OK:
            return each
    return Outcome(math.fsum(weight * each.nll for weight, each in used), used[0][1].n_tokens, Status.OK, "")
