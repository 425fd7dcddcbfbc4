"""Random draws for charts that cannot show everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def draw(items: Sequence[T], most: int, seed: int) -> list[T]:
    """At most so many of the items, drawn without replacement, in their own order."""
    if len(items) <= most:
        return list(items)
    places = np.sort(np.random.default_rng(seed).choice(len(items), most, replace=False))
    return [items[place] for place in places]
