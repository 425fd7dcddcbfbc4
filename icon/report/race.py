"""What a race came to, as plain data: how much was measured, who is decided, and what the choice is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from icon.contribution.racing import Outcome

ENDED = {
    "capture": "ended: the choice is good enough",
    "decided": "ended: no two candidates are left to compare",
    "measured": "ended: every assessment sample is reached",
    "budget": "ended with the budget",
    "interrupted": "stopped; the same command goes on",
}
"""Why a race ended, in words."""


def race_facts(outcome: Outcome, n_samples: int, confidence: float) -> dict[str, Any]:
    """The facts of a race.

    Args:
        outcome: The race.
        n_samples: Size of the assessment set.
        confidence: At which a candidate counts as decided.

    Returns:
        The facts as plain data; capture and reliability are None where too little is measured to tell them.
    """
    found = outcome.look
    known = bool(np.isfinite(found.estimates.error).all())
    last = outcome.path[-1]
    return {
        "ended": outcome.ended,
        "confidence": confidence,
        "decided_in": int(found.surely_in.sum()),
        "decided_out": int(found.surely_out.sum()),
        "open": int(found.open.sum()),
        "capture": found.capture if known else None,
        "reliability": found.estimates.reliability if known else None,
        "signal": found.estimates.signal,
        "candidates": last["measured"],
        "samples_reached": outcome.measured,
        "samples": n_samples,
        "pairs": last["pairs"],
        "pairs_exact": len(outcome.candidates) * n_samples,
        "path": outcome.path,
    }
