"""Which candidates are scored, in which order, and in which parts."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from icon.types import Sample

URL = re.compile(r"https?://|www\.", re.IGNORECASE)
TOKENS_A_PART = 5_000
"""About how much a killed run has to do again: some ten seconds on a laptop with a small model."""
LARGEST_PART = 64
"""Most candidates of a part, however short the assessment set."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stage 2 does: the candidates in scoring order, cut into parts.

    Attributes:
        parts: Candidates of each part; the same settings always give the same parts.
    """

    parts: tuple[tuple[Sample, ...], ...]


def draw_subset(candidates: Sequence[Sample], *, subset: int | None, seed: int, skip_urls: bool) -> list[Sample]:
    """The candidates to score, in a random order that depends on the seed and their ids, not on the pool's order.

    So any beginning of it is a random sample, and a larger subset of the same seed contains the smaller one.
    """
    usable = [each for each in candidates if not (skip_urls and URL.search(each.prompt_text))]
    order = sorted(usable, key=lambda each: each.id)
    random.Random(seed).shuffle(order)
    return order if subset is None else order[:subset]


def make_plan(candidates: Sequence[Sample], assessment: Sequence[Sample], tokens_a_part: int | None = None) -> Plan:
    """Cut the candidates into parts of about so many tokens, `TOKENS_A_PART` unless told; four characters count as one.

    A candidate is read itself, and in front of the assessment set twice, its control included.
    """
    own = sum(len(each.text) for each in candidates) / max(1, len(candidates))
    tokens = (own + 2 * sum(len(each.text) for each in assessment)) / 4
    size = min(LARGEST_PART, max(1, int((tokens_a_part or TOKENS_A_PART) / max(1.0, tokens))))
    return Plan(tuple(tuple(candidates[start : start + size]) for start in range(0, len(candidates), size)))
