"""What would help most: more assessment samples, or more candidates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm


@dataclass(frozen=True, slots=True)
class Advice:
    """Expected gain of the selection, in standard deviations of the candidates' true contributions.

    Attributes:
        now: With what was measured.
        more_samples: With twice as many assessment samples behind every candidate.
        more_candidates: With twice as many candidates scored, as many of them selected; None where the pool has no
            more.
    """

    now: float
    more_samples: float
    more_candidates: float | None


def intensity(share: float) -> float:
    """Expected mean of the top share of standard normal values, phi(z) / share: the breeder's selection intensity."""
    if share >= 1:
        return 0.0
    return float(norm.pdf(norm.isf(share)) / share)


def advise(signal: float, samples: float, scored: int, candidates: int, keep: int) -> Advice:
    """Expected gain i(keep / scored) sqrt(reliability), reliability = t v / (1 + t v), and what would raise it.

    It is the gain on tasks like the assessment set's, not only on those that are in it: more samples always help.

    Args:
        signal: v, the variance of the candidates' effects over that of a single measurement.
        samples: t, assessment samples behind a candidate, on average.
        scored: How many candidates are scored.
        candidates: How many the pool has.
        keep: How many are selected from those scored.
    """
    now = intensity(keep / scored) * _accuracy(signal, samples)
    double = min(2 * scored, candidates)
    return Advice(
        now,
        intensity(keep / scored) * _accuracy(signal, 2 * samples),
        intensity(keep / double) * _accuracy(signal, samples) if double > scored else None,
    )


def _accuracy(signal: float, samples: float) -> float:
    return math.sqrt(samples * signal / (1 + samples * signal))
