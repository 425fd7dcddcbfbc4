"""Scores of candidates as columns, and candidates in the order of their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.errors import ConfigError, PluginError
from icon.plugins import SelectionTask
from icon.samples.ids import IdArray, IntArray, id_array, ids_of
from icon.samples.places import ColumnById, Places, best_first
from icon.selection.decided import Decided
from icon.selection.ranking import by_probability, not_finite

FloatArray = NDArray[np.float64]


class ScoreColumn(ColumnById[float]):
    """Scores by id, as columns.

    Args:
        ids: Ids of samples, all different, shape (n,).
        scores: Their scores, shape (n,); NaN for none, and such an id is not among the keys.

    Attributes:
        ids: Ids of the samples with a score.
        scores: Their scores.
    """

    def __init__(self, ids: IdArray, scores: FloatArray) -> None:
        there = ~np.isnan(scores)
        super().__init__(ids if there.all() else ids[there])
        self.scores = scores if there.all() else scores[there]

    def at(self, place: int) -> float:
        """The score at a place."""
        return float(self.scores[place])


@dataclass(frozen=True)
class Candidates:
    """The candidates of a selector's task as columns.

    Attributes:
        ids: Their ids, in the order given, shape (n,).
        by_id: Their places in the order of the ids, shape (n,).
        scores: Their scores, NaN where there is none, shape (n,).
    """

    ids: IdArray
    by_id: IntArray
    scores: FloatArray

    @classmethod
    def of(cls, task: SelectionTask) -> Candidates:
        """The candidates of a task; scores of other samples are passed over.

        Raises:
            ConfigError: There is no candidate, none has a score, or two have one id.
            PluginError: A score is not finite.
        """
        ids = ids_of(task.candidates)
        index = Places(ids)
        if twice := index.twice:
            raise ConfigError(f"two candidates have the id {twice}; valid: distinct candidates")
        given, values = columns_of(task.scores)
        scores = np.full(len(ids), np.nan)
        places = index.of(given)
        there = places >= 0
        if not there.any():
            raise ConfigError(f"none of the {len(ids)} candidates has a score; score some of them first")
        if not np.isfinite(values[there]).all():
            bad = min((given[place], values[place]) for place in np.flatnonzero(there & ~np.isfinite(values)).tolist())
            raise PluginError(not_finite(bad[0].decode(), float(bad[1])))
        scores[places[there]] = values[there]
        return cls(ids, index.in_order, scores)

    @property
    def scored(self) -> IntArray:
        """Places of the candidates with a score, in the order of the ids."""
        return self.by_id[~np.isnan(self.scores[self.by_id])]

    @property
    def ranked(self) -> IntArray:
        """Places of the candidates with a score from the best down, equal scores in the order of their ids."""
        return best_first(self.scores, self.scored)


def ranks_of(ranked: IntArray, n: int) -> IntArray:
    """The rank of each of n candidates, from 1; 0 for those that are not among the ranked ones."""
    ranks = np.zeros(n, dtype=np.int64)
    ranks[ranked] = np.arange(1, len(ranked) + 1)
    return ranks


def decided_by(candidates: Candidates, probabilities: FloatArray, kept: int) -> Decided:
    """One decision per candidate, ranked by (probability, highest first; id).

    Args:
        candidates: The candidates.
        probabilities: Of the label 1, of each.
        kept: How many are selected, from the top.
    """
    n = len(candidates.ids)
    ranks = ranks_of(best_first(probabilities, candidates.by_id), n)

    def reasons(places: IntArray) -> list[str]:
        pairs = zip(ranks[places].tolist(), probabilities[places].tolist(), strict=True)
        return [by_probability(rank, n, probability, kept) for rank, probability in pairs]

    return Decided(candidates.ids, ranks <= kept, ranks, reasons, probabilities)


def columns_of(scores: Mapping[str, float]) -> tuple[IdArray, FloatArray]:
    """Ids and scores as columns of the same length."""
    if isinstance(scores, ScoreColumn):
        return scores.ids, scores.scores
    return id_array(scores), np.array(list(scores.values()), dtype=np.float64)
