"""Contributions of very many candidates as columns: those of scorers that measure a candidate by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from icon.samples.ids import IdArray, id_array, texts_of
from icon.samples.places import ColumnById, Places
from icon.types import Contribution, Status

FloatArray = NDArray[np.float64]


class AloneContributions(ColumnById[Contribution]):
    """Contributions of candidates that were measured by themselves; records are made when they are looked at.

    Args:
        ids: Ids of the candidates, shape (n,).
        scores: Their scores, shape (n,), NaN where the measurement failed.
        failed: By place, the kind of failure.
        reasons: By place, what is to be known of the measurement; empty for most.

    Attributes:
        ids: As given; `scores`, `failed` and `reasons` likewise.
    """

    def __init__(
        self, ids: IdArray, scores: FloatArray, failed: Mapping[int, Status], reasons: Mapping[int, str]
    ) -> None:
        super().__init__(ids)
        self.scores, self.failed, self.reasons = scores, failed, reasons

    def at(self, place: int) -> Contribution:
        """The contribution at a place."""
        (id_,), reason = texts_of(self.ids[place : place + 1]), self.reasons.get(place, "")
        if (status := self.failed.get(place)) is not None:
            return Contribution(id_, None, status=status, reason=reason)
        return Contribution(id_, float(self.scores[place]), n_assessed=0, reason=reason)


def scores_at(found: Mapping[str, Contribution], index: Places, n: int) -> FloatArray:
    """The score of each candidate, NaN where it has none, shape (n,).

    Args:
        found: Contributions; those of other samples are passed over.
        index: Places of the candidates.
        n: How many candidates there are.
    """
    scores = np.full(n, np.nan)
    if isinstance(found, AloneContributions):
        ids, given = found.ids, found.scores
    else:
        known = [(id_, one.score) for id_, one in found.items() if one.score is not None]
        ids, given = id_array(id_ for id_, _ in known), np.array([score for _, score in known], dtype=np.float64)
    places = index.of(ids)
    scores[places[places >= 0]] = given[places >= 0]
    return scores


def number_scored(found: Mapping[str, Contribution]) -> int:
    """How many of them have a score."""
    if isinstance(found, AloneContributions):
        return int((~np.isnan(found.scores)).sum())
    return sum(one.score is not None for one in found.values())


def ids_without_score(found: Mapping[str, Contribution]) -> list[str]:
    """Ids of those that could not be scored."""
    if isinstance(found, AloneContributions):
        return texts_of(found.ids[np.isnan(found.scores)])
    return [id_ for id_, one in found.items() if one.score is None]


def share_ids(found: Mapping[str, Contribution], others: Iterable[Mapping[str, Contribution]]) -> None:
    """Let others hold the same column of ids as the first, where their ids are the same: sixteen bytes a candidate."""
    if not isinstance(found, AloneContributions):
        return
    for other in others:
        if isinstance(other, AloneContributions) and np.array_equal(found.ids, other.ids):
            other.ids = found.ids
