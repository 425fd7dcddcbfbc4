"""The contribution of a candidate of a race: its score is an estimate over the whole assessment set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from icon.scorers.racing import Outcome
from icon.types import Contribution


def estimated(own: Contribution, outcome: Outcome, place: int) -> Contribution:
    """The contribution with the estimate of its score over the whole assessment set, and the estimate's errors."""
    estimates = outcome.look.estimates
    decided = "in" if outcome.look.accepted[place] else "out" if outcome.look.rejected[place] else "open"
    return replace(
        own,
        score=float(estimates.score[place]),
        raw_score=None if outcome.raw_score is None else float(outcome.raw_score[place]),
        standard_error=_known(estimates.error[place]),
        low=_known(estimates.low[place]),
        high=_known(estimates.high[place]),
        margin=_known(estimates.margin[place]),
        decided=decided,
    )


def _known(value: np.float64) -> float | None:
    """The value; None where it is infinite because too little was measured to bound the error."""
    return float(value) if np.isfinite(value) else None
