"""What it takes to see a small advantage: draws in one pool, or pools with as many draws as now, and their seconds."""

from __future__ import annotations

import math
from collections.abc import Callable

from icon.validation.losses import Fact

POWER = 0.8
"""Probability of seeing an advantage of the size asked about."""
MOST = 100_000
"""More draws or pools than that are not counted."""


class Power(Fact):
    """How small an advantage could be seen, and what a given one takes, at 80% power.

    Attributes:
        share: The advantage asked about, as a share of what training on a random draw gains.
        effect: The same in nats per token.
        seen: The smallest advantage that this validation sees, nats per token.
        draws: Random draws that one pool needs to see `effect`; None where no number suffices, since the selection
            itself is one draw.
        draws_seconds: Seconds of training them; None where the seconds per arm are not known.
        pools: Pools of this size, each with a selection and as many draws as now, that see `effect` in the mean.
        pools_seconds: Seconds of training them.
    """

    share: float
    effect: float
    seen: float
    draws: int | None = None
    draws_seconds: float | None = None
    pools: int | None = None
    pools_seconds: float | None = None


def power(
    *, gain: float, share: float, n: int, s2: float, sampled: float, seconds: float | None, confidence: float
) -> Power:
    """Power of the comparison of one selection with n draws.

    An advantage is seen where it is at least (t[(1 + confidence) / 2] + t[0.8]) standard errors, t with the draws'
    n - 1 degrees of freedom, K (n - 1) over K pools.

    Args:
        gain: What training on a random draw gains, nats per token.
        share: The advantage to see, as a share of it.
        n: Number of draws.
        s2: Variance between the draws' mean losses.
        sampled: What the choice of judge samples adds to the variance of the difference.
        seconds: Seconds per arm.
        confidence: Of the interval.
    """
    effect = share * abs(gain)
    variance = s2 * (1 + 1 / n) + sampled
    return Power(
        share=share,
        effect=effect,
        seen=_reach(n - 1, confidence) * math.sqrt(variance),
        draws=(draws := _draws(effect, s2, sampled, confidence)),
        draws_seconds=None if draws is None or seconds is None else seconds * (draws + 1),
        pools=(pools := _pools(effect, variance, n, confidence)),
        pools_seconds=None if pools is None or seconds is None else seconds * pools * (n + 1),
    )


def _reach(df: float, confidence: float) -> float:
    """Standard errors that an advantage must have."""
    from scipy.special import stdtrit  # quantiles of t; scipy.stats takes a second to load

    return float(stdtrit(df, (1 + confidence) / 2) + stdtrit(df, POWER))


def _draws(effect: float, s2: float, sampled: float, confidence: float) -> int | None:
    """Fewest draws, at least 2, that see the effect in one pool."""
    from scipy.special import ndtri  # quantiles of the normal distribution

    limit = float(ndtri((1 + confidence) / 2) + ndtri(POWER))
    if effect <= limit * math.sqrt(s2 + sampled):
        return None
    return _fewest(2, lambda n: _reach(n - 1, confidence) * math.sqrt(s2 * (1 + 1 / n) + sampled) <= effect)


def _pools(effect: float, variance: float, n: int, confidence: float) -> int | None:
    """Fewest pools that see the effect in the mean of their differences."""
    if effect <= 0:
        return None
    return _fewest(1, lambda k: _reach(k * (n - 1), confidence) * math.sqrt(variance / k) <= effect)


def _fewest(start: int, suffices: Callable[[int], bool]) -> int | None:
    """The smallest number from `start` on that suffices, by doubling and halving; more than `MOST` are not counted."""
    low, high = start, start
    while not suffices(high):
        low, high = high + 1, 2 * high
        if high > MOST:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return high
