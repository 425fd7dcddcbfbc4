"""The rows of scores.parquet made from what a run measured and decided, as columns of some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icon.runs.aligned import aligned
from icon.runs.columns import column, id_column, maps_of, numbers, or_none, truths
from icon.runs.records import AssessStage
from icon.runs.scores import GROUP, MAP, SCHEMA
from icon.runs.writing import printable
from icon.samples.ids import IntArray, id_array, ids_of, rows_of, turns_of
from icon.samples.load import LoadedSamples
from icon.samples.places import Places
from icon.scorers.contributed import scores_at
from icon.selection.decided import Decided
from icon.types import Contribution, RowStatus, Sample, Selection

HELD_OUT = "held out of the pool for the assessment set"


class PoolScores:
    """What scores.parquet is made of: a row per candidate, duplicate, leak, held-out sample and bad row.

    Args:
        pool: The pool.
        assess: The outcome of stage 1.
        candidates: The pool's samples that are candidates, in its order.
        contributions: Contributions of the measured candidates, by id.
        baselines: The same for each baseline scorer, by its name.
        selection: A decision for every candidate.
    """

    def __init__(
        self,
        pool: LoadedSamples,
        assess: AssessStage,
        candidates: Sequence[Sample],
        contributions: Mapping[str, Contribution],
        baselines: Mapping[str, Mapping[str, Contribution]],
        selection: Selection,
    ) -> None:
        self._pool, self._assess = pool, assess
        ids, n = ids_of(candidates), len(candidates)
        index = Places(ids)
        self._measured = aligned(contributions, index, n)
        self._baselines = {name: _with_none(scores_at(found, index, n), np.nan) for name, found in baselines.items()}
        self._decided = Decided.of(selection.decisions)
        same = np.array_equal(self._decided.ids, ids)
        self._decision = _narrow(_with_none(np.arange(n) if same else Places(self._decided.ids).of(ids), -1))
        faults, duplicates = pool.faults, pool.duplicates
        self._candidate = _narrow(_joined(index.of(ids_of(pool.samples)), np.full(len(duplicates) + len(faults), -1)))
        self._ids = _joined(ids_of(pool.samples), ids_of(duplicates), id_array("" for _ in faults))
        own = np.array([fault.row for fault in faults], dtype=np.int64)
        self._rows = _narrow(_joined(rows_of(pool.samples), rows_of(duplicates), own))
        self._turns = _narrow(_joined(turns_of(pool.samples), turns_of(duplicates), np.zeros(len(faults), np.int64)))

    def tables(self) -> Iterator[pa.Table]:
        """The rows in the order of the pool, some at a time."""
        order = _narrow(np.lexsort((self._turns, self._rows)))
        for start in range(0, max(1, len(order)), GROUP):
            yield self._table(order[start : start + GROUP])

    def _table(self, places: IntArray) -> pa.Table:
        """The rows at these places among samples, duplicates and bad rows, in this order."""
        candidates = self._candidate[places]
        statuses, reasons, decisions = self._words(places, candidates)
        columns = {
            "id": id_column(self._ids[places]),
            "row": numbers(self._rows[places], pa.int64()),
            "turn": numbers(self._turns[places], pa.int32()),
            **self._of_sources(places),
            "status": column(statuses, pa.string()),
            "reason": column(reasons, pa.string()),
            **self._measured.columns(candidates),
            "baselines": self._of_baselines(candidates),
            **self._of_decisions(self._decision[candidates]),
            "decision": column(decisions, pa.string()),
        }
        schema = pa.schema([field for field in SCHEMA if field.name in columns])
        return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)

    def _of_sources(self, places: IntArray) -> dict[str, pa.Array]:
        """The column of sources; none where no row has one."""
        if not self._has_sources:
            return {}
        sources = self._pool.sources
        return {"source": column([sources.get(row, "") for row in self._rows[places].tolist()], pa.string())}

    @cached_property
    def _has_sources(self) -> bool:
        return any(self._pool.sources.values())

    def _words(self, places: IntArray, candidates: IntArray) -> tuple[list[RowStatus], list[str], list[str]]:
        """Status, reason and decision of each row."""
        statuses, reasons = self._measured.words(candidates)
        found = self._decision[candidates]
        decisions = self._decided.reasons(np.maximum(found, 0)) if len(self._decided) else [""] * len(places)
        unranked = (found < 0) | (_at(self._decided.ranks, found) == 0)
        for row in np.flatnonzero(unranked).tolist():
            if candidates[row] < 0:
                statuses[row], reasons[row] = self._left_out(int(places[row]))
                decisions[row] = f"dropped: {reasons[row]}"
            elif statuses[row] == RowStatus.FAILED:
                decisions[row] = f"failed: {reasons[row]}"
        return statuses, reasons, decisions

    def _left_out(self, place: int) -> tuple[RowStatus, str]:
        """Status of a row that is no candidate, and why it is none."""
        twin = place - len(self._pool.samples)
        fault = twin - len(self._pool.duplicates)
        if fault >= 0:
            return RowStatus.BAD_ROW, printable(str(self._pool.faults[fault]))
        if twin >= 0:
            return RowStatus.DUPLICATE, f"exact duplicate of row {self._pool.duplicates[twin].first_row}"
        id_, assess = self._ids[place].decode(), self._assess
        if id_ in self._held_out:
            return RowStatus.HELD_OUT, HELD_OUT
        if id_ in assess.leaks:
            return RowStatus.LEAK, assess.leaks[id_]
        return RowStatus.NEAR_DUPLICATE, assess.near_duplicates[id_]

    @cached_property
    def _held_out(self) -> frozenset[str]:
        return frozenset(self._assess.held_out)

    def _of_baselines(self, candidates: IntArray) -> pa.Array:
        names = list(self._baselines)
        scores = [self._baselines[name][candidates] for name in names]
        values = np.stack(scores, axis=1) if scores else np.empty((len(candidates), 0))
        return maps_of(names, values, MAP)

    def _of_decisions(self, places: IntArray) -> dict[str, pa.Array]:
        """Columns of the decisions at these places; of -1 those of none."""
        there, decided = places >= 0, self._decided
        ranks = np.where(there, _at(decided.ranks, places), 0)
        known = np.full(len(places), np.nan) if decided.probabilities is None else _at(decided.probabilities, places)
        columns = {
            "probability": or_none(known, there & ~np.isnan(known), pa.float64()),
            "rank": or_none(ranks, ranks > 0, pa.int64()),
            "selected": truths(there & _at(decided.selected, places)),
        }
        if decided.deciders is not None:
            by = [decided.deciders[place] if place >= 0 else "" for place in places.tolist()]
            columns["decided_by"] = column(by, pa.string())
        return columns


def _narrow(values: IntArray) -> NDArray[Any]:
    """The numbers in half the memory, where they fit."""
    return values.astype(np.int32) if len(values) < 2**31 and values.max(initial=0) < 2**31 else values


def _at(values: NDArray[Any], places: IntArray) -> NDArray[Any]:
    """The values at these places; any where there is none."""
    return values[places] if len(values) else np.zeros(len(places), values.dtype)


def _with_none(values: NDArray[Any], none: float) -> NDArray[Any]:
    """The values of the candidates, and behind them, where a row without a candidate finds it, that of none."""
    return np.append(values, np.array([none], dtype=values.dtype))


def _joined(*parts: NDArray[Any]) -> NDArray[Any]:
    """The parts as one array, which is the only one of them that is not empty where there is one such."""
    full = [part for part in parts if len(part)]
    return full[0] if len(full) == 1 else np.concatenate(parts)
