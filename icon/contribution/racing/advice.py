"""What would help most: more assessment samples, or more candidates."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What doubling one thing or the other would bring.

    Attributes:
        gain: Times as much expected gain among the candidates that are scored, with twice the samples behind each.
        learnt_from_samples: Times as much for a classifier to learn from, with twice the samples; None where every
            candidate is scored, and nothing is to be learnt.
        learnt_from_candidates: The same with twice the candidates, or all where that is fewer.
    """

    gain: float
    learnt_from_samples: float | None
    learnt_from_candidates: float | None


def advise(signal: float, samples: float, scored: int, candidates: int) -> Advice:
    """What would help, from the reliability t v / (1 + t v) of a score on tasks like the assessment set's.

    The expected gain of choosing the best of some candidates goes with the square root of the reliability. What a
    classifier can learn goes with how many scores it sees, each counted by its reliability.

    Args:
        signal: v, the variance of the candidates' effects over that of a single measurement.
        samples: t, assessment samples behind a candidate, on average.
        scored: How many candidates are scored.
        candidates: How many the pool has.
    """
    better = _reliability(signal, 2 * samples) / _reliability(signal, samples)
    if scored >= candidates:
        return Advice(math.sqrt(better), None, None)
    return Advice(math.sqrt(better), better, min(2.0, candidates / scored))


def _reliability(signal: float, samples: float) -> float:
    return samples * signal / (1 + samples * signal)
