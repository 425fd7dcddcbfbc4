"""Which records an optimiser step trains on: equal steps, or equal tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

Order = list[list[int]]
"""For each optimiser step the places of its records."""


def steps_order(n: int, steps: int, batch: int, seed: int) -> Order:
    """Steps of `batch` records each, the records in a new random order in each epoch.

    Args:
        n: Number of records.
        steps: Number of optimiser steps.
        batch: Records per step.
        seed: Decides the orders.
    """
    places = _epochs(n, seed)
    return [[next(places) for _ in range(batch)] for _ in range(steps)]


def tokens_order(lengths: Sequence[int], tokens: int, batch: int, seed: int) -> Order:
    """Steps of `batch` records until about `tokens` tokens are read, so that arms of other lengths cost the same.

    It ends with the record that brings the total nearest to `tokens`; the last step may have fewer records.

    Args:
        lengths: Tokens of each record, prompt included, shape (n,).
        tokens: Tokens to read in all, repetitions counted.
        batch: Records per step.
        seed: Decides the orders.
    """
    drawn: list[int] = []
    total = 0
    for place in _epochs(len(lengths), seed):
        if drawn and abs(total - tokens) <= abs(total + lengths[place] - tokens):
            break
        drawn.append(place)
        total += lengths[place]
    return [drawn[start : start + batch] for start in range(0, len(drawn), batch)]


def _epochs(n: int, seed: int) -> Iterator[int]:
    generator = np.random.default_rng(seed)
    while True:
        yield from (int(place) for place in generator.permutation(n))
