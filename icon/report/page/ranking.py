"""What the selection ranks by, and how many candidates a threshold on it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from icon.runs.scores import ScoreRow

MOST_VALUES = 100_000
"""Sorted values that the page carries; of more, every k-th, and counts are then right to k."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The quantity that the selector ranked by.

    Attributes:
        by: "probability" where a classifier ranked the pool, else "score".
        values: Of every ranked candidate, ascending.
        selected: Of those that were selected, ascending.
        cut: The run's own threshold: as many values are at or above it as were selected, or more where values tie.
    """

    by: Literal["score", "probability"]
    values: list[float]
    selected: list[float]
    cut: float | None

    @property
    def is_a_cut(self) -> bool:
        """Whether the selection is what stands at or above the cut; not where a selector looks at more than a value."""
        return self.cut is None or not self.selected or self.selected[0] >= self.cut


def ranking(rows: Sequence[ScoreRow]) -> Ranking:
    """The ranking of a finished run."""
    by: Literal["score", "probability"] = "score"
    if any(each.probability is not None for each in rows):
        by = "probability"
    known = [(value, each.selected) for each in rows if (value := value_of(each, by)) is not None]
    values = sorted(value for value, _ in known)
    selected = sorted(value for value, chosen in known if chosen)
    cut = values[-len(selected)] if selected else None
    return Ranking(by, values, selected, cut)


def value_of(row: ScoreRow, by: str) -> float | None:
    """The quantity of one row; None where it has none."""
    return row.probability if by == "probability" else row.score


def carried(values: Sequence[float], most: int = MOST_VALUES) -> dict[str, Any]:
    """Sorted values as the page counts with them.

    Returns:
        values: All of them, or every `stride`-th from the top down where there are more than `most`; stride; n.
    """
    stride = -(-len(values) // most) if len(values) > most else 1
    return {"values": list(values[::-1][stride - 1 :: stride][::-1]), "stride": stride, "n": len(values)}
