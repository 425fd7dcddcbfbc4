"""What the summary says of scores at equal response length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from icon.runs.outcome import EqualLength
from icon.scorers.formulas import FloatArray, spearman
from icon.scorers.lengths import How, Unit, levelled
from icon.types import Contribution


@dataclass(frozen=True, slots=True)
class AtLength:
    """How the scores of a run were made equal in length.

    Attributes:
        how: regress, strata or none.
        unit: Unit of the lengths.
        lengths: Length of each scored candidate's response, by id.
    """

    how: How
    unit: Unit
    lengths: Mapping[str, float]

    def transform(self, ids: Sequence[str]) -> Callable[[FloatArray], FloatArray] | None:
        """Makes measured scores of these candidates equal in length; None where scores stay as measured."""
        if self.how == "none":
            return None
        lengths = np.array([self.lengths[id_] for id_ in ids])
        return lambda scores: levelled(scores, lengths, self.how)

    def facts(self, contributions: Mapping[str, Contribution]) -> EqualLength | None:
        """The rank correlations of the score with the length, before and after; None where scores stay as measured."""
        if self.how == "none":
            return None
        known = [(one, self.lengths[id_]) for id_, one in contributions.items() if id_ in self.lengths]
        scored = [(one.raw_score, one.score, length) for one, length in known if None not in (one.raw_score, one.score)]
        lengths = [length for _, _, length in scored]
        return EqualLength(
            how=self.how,
            unit=self.unit,
            before=spearman([raw or 0.0 for raw, _, _ in scored], lengths),
            after=spearman([score or 0.0 for _, score, _ in scored], lengths),
        )
