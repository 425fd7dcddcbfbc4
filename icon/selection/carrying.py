"""Whether measured scores carry a choice: is their order more than chance, and what does the best of them capture."""

from __future__ import annotations

import math
from functools import lru_cache

CONFIDENCE = 0.95
"""Confidence, one-sided, at which an order is distinguished from a random one."""

ENOUGH = 0.5
"""Smallest expected captured gain of a choice that is used: below it the choice is nearer to a random draw, which
captures 0, than to the choice that measuring everything would make, which captures 1."""


@lru_cache(maxsize=64)
def gain_of_best(n: int, m: int) -> float:
    """Expected mean of the best n of m draws from a standard normal distribution.

    The expected order statistics are Blom's (1958): the quantile at (i - 3/8) / (m + 1/4). All of them have mean 0.

    Args:
        n: How many are chosen, at least 1.
        m: Of how many, at least n.
    """
    from scipy.special import ndtri

    if n >= m:
        return 0.0
    return math.fsum(float(ndtri((m - rank + 0.625) / (m + 0.25))) for rank in range(1, n + 1)) / n


def captured(wanted: int, scored: int, candidates: int, reliability: float) -> float:
    """Expected captured gain over the pool of the best `wanted` of the scored candidates.

    That is the expected gain over a random draw, as a share of that of the best `wanted` of all candidates:

        sqrt(reliability) g(n, m) / g(n, M)

    with g the expected mean of the best n of m standard normal draws, n how many are to be kept, m scored and M all.

    Args:
        wanted: n.
        scored: m, at least 1.
        candidates: M, at least m.
        reliability: Share of the variance between the scores that is known, 0 to 1.

    Returns:
        From 0, for a choice that is as good as a random draw, to 1, also where all are to be kept.
    """
    if wanted >= candidates:
        return 1.0
    if wanted >= scored:
        return 0.0
    if scored == candidates:  # g is the same; scipy.special takes a tenth of a second to load
        return math.sqrt(max(0.0, reliability))
    return math.sqrt(max(0.0, reliability)) * gain_of_best(wanted, scored) / gain_of_best(wanted, candidates)


def chance_ratio(candidates: int, samples: float) -> float:
    """The ratio of variances that the scores of candidates that do not differ stay below, at `CONFIDENCE`.

    The ratio is that of the variance between candidates' mean scores to the variance that noise alone would give, which
    is estimated from the differences within candidates. For m candidates with t measurements each that do not differ it
    is distributed as F with m - 1 and (m - 1)(t - 1) degrees of freedom.

    Args:
        candidates: m, at least 2.
        samples: t, the mean number of measurements per candidate.
    """
    from scipy.special import fdtri

    between = candidates - 1
    return float(fdtri(between, max(1.0, between * (samples - 1)), CONFIDENCE))


def chance_correlation(candidates: int) -> float:
    """The rank correlation that two random orders of so many candidates stay below, at `CONFIDENCE`."""
    from scipy.special import ndtri

    return float(ndtri(CONFIDENCE)) / math.sqrt(max(1, candidates - 1))


def fewest_scored(wanted: int, candidates: int, reliability: float) -> int:
    """The smallest number of scored candidates whose best `wanted` capture `ENOUGH`; all, where fewer do not."""
    low, high = min(wanted, candidates), candidates
    while low < high:
        middle = (low + high) // 2
        if captured(wanted, middle, candidates, reliability) >= ENOUGH:
            high = middle
        else:
            low = middle + 1
    return high
