"""How slow this machine is at the moment, from a fixed piece of work."""

from __future__ import annotations

import time

ROUNDS, NOMINAL = 200_000, 0.010
"""Rounds of the piece of work, and its seconds on the idle machine on which the reserves of a budget were measured."""
MOST = 5.0
"""The largest factor: a machine that is busy for a moment must not take a whole budget for reserve."""


def slowness() -> float:
    """How many times longer a fixed piece of work takes now than on the idle machine of `NOMINAL`: 1 to `MOST`."""
    start = time.perf_counter()
    total = 0
    for number in range(ROUNDS):
        total += number & 3
    return min(MOST, max(1.0, (time.perf_counter() - start) / NOMINAL))
