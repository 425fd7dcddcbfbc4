"""Scorer `length`: how long the response is, the baseline that every selection must be held against."""

from __future__ import annotations

from icon.contribution.alone import AloneScorer
from icon.contribution.options import LengthOptions
from icon.types import Sample


class LengthScorer(AloneScorer):
    """Ranks long responses first."""

    def __init__(self, options: LengthOptions) -> None:
        self.options = options

    def value_of(self, candidate: Sample) -> float:
        """Length of the response, in characters or words."""
        text = candidate.response
        return float(len(text) if self.options.unit == "characters" else len(text.split()))
