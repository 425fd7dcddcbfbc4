"""Scorer `random`: the baseline that already explains much of any gain."""

from __future__ import annotations

from hashlib import blake2b

from icon.contribution.alone import AloneScorer
from icon.hooks import Options
from icon.types import Sample


class RandomScorer(AloneScorer):
    """A uniform number in [0, 1) that depends on the seed and the candidate's id alone, not on the pool's order."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def value_of(self, candidate: Sample) -> float:
        """The candidate's draw."""
        digest = blake2b(f"{self.task.seed}/{candidate.id}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / 2**56
