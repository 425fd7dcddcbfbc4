"""Means and intervals over random draws, by Student's t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the half width of its interval.

    Attributes:
        value: None where it is missing.
        half: None where there is no interval: a single value, or one draw.
        n: How many draws it is from; 0 for a number that is no mean.
    """

    value: float | None
    half: float | None = None
    n: int = 0


MISSING = Number(None)


def mean_of_draws(values: Sequence[float | None]) -> Number:
    """The mean over draws, and its confidence interval t s / sqrt(n); missing unless every draw is there."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return MISSING
    n, middle = len(known), math.fsum(known) / len(known)
    return Number(middle, _t(n) * _deviation(known) / math.sqrt(n) if n > 1 else None, n)


def difference(selection: float | None, values: Sequence[float | None]) -> Number:
    """The selection minus the mean of the draws.

    The interval is that of one more draw, t s sqrt(1 + 1/n): the selection is itself one training, so a selection that
    is no better than a draw lies within it 95 times in 100.
    """
    middle = mean_of_draws(values)
    if selection is None or middle.value is None:
        return MISSING
    known = [value for value in values if value is not None]
    half = _t(middle.n) * _deviation(known) * math.sqrt(1 + 1 / middle.n) if middle.n > 1 else None
    return Number(selection - middle.value, half, middle.n)


def _deviation(values: Sequence[float]) -> float:
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def _t(n: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, n - 1))
