"""What a race came to: how much was measured, which candidates are decided, and what the choice is worth."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from icon.runs.records import RaceStep
from icon.runs.summary import RaceFacts

if TYPE_CHECKING:
    from icon.contribution.racing import Outcome


def race_facts(outcome: Outcome, n_samples: int, confidence: float) -> RaceFacts:
    """The facts of a race.

    Args:
        outcome: The race.
        n_samples: Size of the assessment set.
        confidence: At which a candidate counts as decided.

    Returns:
        The facts; capture and reliability are None where too little is measured to say.
    """
    found = outcome.look
    known = bool(np.isfinite(found.estimates.error).all())
    last = outcome.path[-1]
    return RaceFacts(
        ended=outcome.ended,
        confidence=confidence,
        decided_in=int(found.surely_in.sum()),
        decided_out=int(found.surely_out.sum()),
        open=int(found.open.sum()),
        capture=found.capture if known else None,
        reliability=found.estimates.reliability if known else None,
        signal=found.estimates.signal,
        candidates=last.measured,
        samples_reached=outcome.measured,
        samples=n_samples,
        pairs=last.pairs,
        pairs_exact=len(outcome.candidates) * n_samples,
        path=race_path(outcome),
    )


def race_path(outcome: Outcome) -> tuple[RaceStep, ...]:
    """Every look at the race, as run.json keeps it."""
    return tuple(RaceStep.model_validate(asdict(step)) for step in outcome.path)
