"""Contributions in the order of the candidates, as columns of scores.parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icon.runs.columns import column, or_none
from icon.samples.ids import IntArray, id_array
from icon.samples.places import Places
from icon.scorers.contributed import AloneContributions
from icon.types import Contribution, RowStatus, Status

NOT_SCORED = "outside the scored subset, or scoring was stopped before its turn"

NUMBERS = {
    **dict.fromkeys(("score", "raw_score", "standard_error", "low", "high", "margin"), pa.float64()),
    **dict.fromkeys(("log_gain", "consistency", "coverage", "stability"), pa.float64()),
}
"""Columns of numbers that a candidate may lack."""

GROUPS = pa.map_(pa.string(), pa.float64())

Words = tuple[list[RowStatus], list[str]]
"""Statuses and their reasons."""


class Aligned(Protocol):
    """Contributions in the order of the candidates."""

    def columns(self, candidates: IntArray) -> dict[str, pa.Array]:
        """The columns that a contribution decides.

        Args:
            candidates: Place of each row's candidate; -1 where it is none.
        """
        ...

    def words(self, candidates: IntArray) -> Words:
        """Status of each candidate, and the reason for it; of a row that is none, as if it were not scored."""
        ...


def aligned(found: Mapping[str, Contribution], index: Places, n: int) -> Aligned:
    """Contributions in the order of n candidates, of which those that are not among them are passed over."""
    return _Alone(found, index, n) if isinstance(found, AloneContributions) else _Several(found, index)


def _fixed(candidates: IntArray, decided: Sequence[str], n_assessed: Sequence[int]) -> dict[str, pa.Array]:
    return {"decided": column(decided, pa.string()), "n_assessed": column(n_assessed, pa.int32())}


class _Several:
    """Contributions as records, with all that is known of each."""

    def __init__(self, found: Mapping[str, Contribution], index: Places) -> None:
        places = index.of(id_array(found))
        self._of = {place: one for place, one in zip(places.tolist(), found.values(), strict=True) if place >= 0}

    def columns(self, candidates: IntArray) -> dict[str, pa.Array]:
        """See `Aligned`."""
        known = [self._of.get(place) for place in candidates.tolist()]
        columns = {name: self._numbers(known, name) for name in NUMBERS}
        columns["groups"] = column([one.groups if one else {} for one in known], GROUPS)
        return columns | _fixed(
            candidates,
            [one.decided if one else "" for one in known],
            [one.n_assessed if one else 0 for one in known],
        )

    def words(self, candidates: IntArray) -> Words:
        """See `Aligned`."""
        statuses, reasons = [], []
        for place in candidates.tolist():
            one = self._of.get(place)
            if one is None:
                statuses.append(RowStatus.NOT_SCORED)
            else:
                statuses.append(RowStatus.SCORED if one.status == Status.OK else RowStatus.FAILED)
            reasons.append(NOT_SCORED if one is None else one.reason)
        return statuses, reasons

    def _numbers(self, known: Sequence[Contribution | None], name: str) -> pa.Array:
        value = attrgetter(name)
        return column([value(one) if one else None for one in known], NUMBERS[name])


class _Alone:
    """Contributions that have a score alone."""

    def __init__(self, found: AloneContributions, index: Places, n: int) -> None:
        places = index.of(found.ids)
        there = places >= 0
        self._scores = np.full(n + 1, np.nan)  # the last one is that of a row that is no candidate
        self._scores[places[there]] = found.scores[there]
        self._measured: NDArray[np.bool_] = np.zeros(n + 1, dtype=np.bool_)
        self._measured[places[there]] = True
        self._failed = {int(places[place]) for place in found.failed}
        self._reasons = {int(places[place]): reason for place, reason in found.reasons.items()}

    def columns(self, candidates: IntArray) -> dict[str, pa.Array]:
        """See `Aligned`."""
        n, scores = len(candidates), self._scores[candidates]
        columns = {name: pa.nulls(n, kind) for name, kind in NUMBERS.items()}
        columns["score"] = or_none(scores, ~np.isnan(scores), pa.float64())
        columns["groups"] = column([{}] * n, GROUPS)
        return columns | _fixed(candidates, [""] * n, [0] * n)

    def words(self, candidates: IntArray) -> Words:
        """See `Aligned`."""
        measured = self._measured[candidates].tolist()
        statuses = [RowStatus.SCORED if known else RowStatus.NOT_SCORED for known in measured]
        reasons = ["" if known else NOT_SCORED for known in measured]
        if self._failed or self._reasons:
            for row, place in enumerate(candidates.tolist()):
                if place in self._failed:
                    statuses[row] = RowStatus.FAILED
                if measured[row]:
                    reasons[row] = self._reasons.get(place, "")
        return statuses, reasons
