"""Stage 3: how much to keep, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Keep:
    """How much to select: a share of the candidates or a count."""

    share: float | None = None
    count: int | None = None

    def of(self, n: int) -> int:
        """How many of n candidates that is; at least one where there is any."""
        if self.count is not None:
            return min(self.count, n)
        assert self.share is not None
        return min(n, max(1, round(self.share * n)))

    def as_share(self, n: int) -> float:
        """The same as a share of n candidates."""
        return self.share if self.share is not None else min(1.0, (self.count or 0) / max(1, n))

    def __str__(self) -> str:
        return str(self.count) if self.count is not None else f"{100 * (self.share or 0):g}%"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a selector says of one candidate.

    Attributes:
        id: Id of the candidate.
        selected: Whether it is kept.
        rank: Place from the top, counted from 1; None where it could not be ranked.
        probability: The classifier's probability of the label 1; None for other selectors.
        reason: Why, in words.
    """

    id: str
    selected: bool
    rank: int | None
    reason: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of stage 3: a decision for every candidate it was given, and how far to trust it."""

    decisions: Sequence[Decision]
    quality: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
