"""Contributions of candidates that a scorer measured by themselves, from its parts, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from icon.plugins import ContributionScorer, GroupScorer, TogetherScorer
from icon.plugins.contract import called
from icon.runs.columns import filled, ids_in
from icon.runs.parts import SHARED, PartStore
from icon.samples.ids import IdArray
from icon.samples.places import Places
from icon.scorers.alone import AloneScorer
from icon.scorers.contributed import AloneContributions, FloatArray
from icon.scorers.received import score_of
from icon.selection.scored import ScoreColumn
from icon.types import Contribution, Measurement, Status

MOST_POSITIONED = 50_000
"""Candidates with two passes each, with and without the prompt, whose measurements are looked at one by one to say
where the gains sit; of more, the first of the scoring order, which is a random one."""


@dataclass(slots=True)
class _Columns:
    """What was measured, part by part."""

    ids: list[IdArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    failed: dict[int, Status] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    n: int = 0

    def add(self, table: pa.Table) -> None:
        """Add the rows of a part."""
        self.ids.append(ids_in(table["candidate"]))
        self.values.append(filled(table["value"], np.nan))
        statuses, reasons = table["status"], table["reason"]
        for place in np.flatnonzero(filled(pc.utf8_length(reasons), 0)).tolist():
            self.reasons[self.n + place] = reasons[place].as_py()
        if pc.unique(statuses).to_pylist() != [str(Status.OK)]:
            for place, status in enumerate(statuses.to_pylist()):
                if status != Status.OK:
                    self.failed[self.n + place] = Status(status)
        self.n += len(table)


def alone_contributions(store: PartStore, scorer: ContributionScorer) -> AloneContributions | None:
    """Contributions of candidates that were measured by themselves; None where they were not.

    Args:
        store: The scorer's parts.
        scorer: The scorer.

    Raises:
        PluginError: A score is no number.
    """
    if scorer.needs_assessment or isinstance(scorer, GroupScorer | TogetherScorer):
        return None
    found = _Columns()
    for label, table in store.tables():
        if label == SHARED:
            continue
        if table["assessment"].null_count < len(table) or scorer.column != "value":
            return None
        found.add(table)
    if not found.n:
        return None
    ids = np.concatenate(found.ids)
    if Places(ids).twice is not None:
        return None
    return _scored(scorer, ids, np.concatenate(found.values), found)


def _scored(scorer: ContributionScorer, ids: IdArray, values: FloatArray, found: _Columns) -> AloneContributions:
    """The contributions: scores of the values; one that is not finite is a failure."""
    scores = np.array(values) if _is_the_value(scorer) else _scores(scorer, ids, values, found)
    scores[list(found.failed)] = np.nan
    failed, reasons = found.failed, found.reasons
    for place in np.flatnonzero(~np.isfinite(scores)).tolist():
        if place not in failed:
            failed[place], reasons[place] = Status.NOT_FINITE, f"the score is {float(scores[place])}"
    scores[list(failed)] = np.nan
    return AloneContributions(ids, scores, failed, reasons)


def _is_the_value(scorer: ContributionScorer) -> bool:
    """Whether the score is the value itself."""
    return type(scorer).score is AloneScorer.score  # type: ignore[comparison-overlap]


def _scores(scorer: ContributionScorer, ids: IdArray, values: FloatArray, found: _Columns) -> FloatArray:
    """The score of each value, as the scorer makes it; NaN of a failed measurement."""
    none, scores = np.array([np.nan]), np.full(len(values), np.nan)
    for place in range(len(values)):
        if place in found.failed:
            continue
        given: object = called(scorer, "scorer", "score", partial(scorer.score, none, none, values[place : place + 1]))
        scores[place] = score_of(scorer, ids[place].decode(), given)
    return scores


def first_measurements(store: PartStore) -> dict[str, list[Measurement]]:
    """The measurements of the first candidates that have two passes each, by candidate; none where one pass is all."""
    rows: dict[str, list[Measurement]] = {}
    for label, table in store.tables():
        if label == SHARED or "nll_alone" not in table.schema.names or table["nll_alone"].null_count == len(table):
            continue
        for row in islice(store.rows(table), MOST_POSITIONED - len(rows)):
            rows[row.candidate] = [row]
        if len(rows) >= MOST_POSITIONED:
            break
    return rows


def scores_of(found: Mapping[str, Contribution]) -> Mapping[str, float]:
    """The score of each candidate that has one, by id; as columns where the contributions are."""
    if isinstance(found, AloneContributions):
        return ScoreColumn(found.ids, found.scores)
    return {id_: one.score for id_, one in found.items() if one.score is not None}
