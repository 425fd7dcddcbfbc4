"""scores.parquet: every row of the pool with its status, score and decision; nothing that came in is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

import pyarrow as pa

from icon.errors import RunError, WrongRunError
from icon.runs.records import AssessStage
from icon.runs.tables import file_bytes, parquet_bytes, table_of
from icon.runs.writing import printable, write_bytes
from icon.samples.load import LoadedSamples
from icon.types import Contribution, Decision, RowStatus, Sample, ScoreRow, Selection, Status

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("row", pa.int64()),
        ("turn", pa.int32()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("standard_error", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("margin", pa.float64()),
        ("decided", pa.string()),
        ("log_gain", pa.float64()),
        ("consistency", pa.float64()),
        ("coverage", pa.float64()),
        ("stability", pa.float64()),
        ("n_assessed", pa.int32()),
        ("groups", pa.map_(pa.string(), pa.float64())),
        ("baselines", pa.map_(pa.string(), pa.float64())),
        ("probability", pa.float64()),
        ("rank", pa.int64()),
        ("selected", pa.bool_()),
        ("decision", pa.string()),
    ]
)


def write_scores(path: Path, rows: Iterable[ScoreRow], fingerprint: str) -> None:
    """Write the table, in the order of the pool's rows."""
    ordered = sorted(rows, key=lambda each: (each.row, each.turn))
    columns = {each.name: [getattr(row, each.name) for row in ordered] for each in fields(ScoreRow)}
    for name in ("groups", "baselines"):
        columns[name] = [list(each.items()) for each in columns[name]]
    table = pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)
    write_bytes(path, parquet_bytes(table.replace_schema_metadata({"icon.fingerprint": fingerprint})))


def read_scores(path: Path) -> list[ScoreRow]:
    """Read the table back.

    Raises:
        WrongRunError: The file is missing.
        RunError: It is damaged.
    """
    try:
        rows = table_of(file_bytes(path)).to_pylist()
    except FileNotFoundError:
        raise WrongRunError(f"{path}: is not there; to write it: icon select {path.parent}") from None
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: cannot be read ({error}); to write it again: icon select {path.parent}") from None
    return [ScoreRow(**{**row, "groups": dict(row["groups"]), "baselines": dict(row["baselines"])}) for row in rows]


def pool_rows(
    pool: LoadedSamples,
    assess: AssessStage,
    contributions: Mapping[str, Contribution],
    baselines: Mapping[str, Mapping[str, Contribution]],
    selection: Selection,
) -> list[ScoreRow]:
    """One row a candidate, and one for each duplicate, each leak, each held-out sample and each row that is bad.

    Args:
        pool: The pool as it was read.
        assess: What stage 1 recorded.
        contributions: Of the candidates that were measured, by id.
        baselines: Of each baseline scorer, by its name and then by id.
        selection: Decisions over all candidates.
    """
    held_out, leaks = set(assess.held_out), assess.leaks
    decisions = {each.id: each for each in selection.decisions}
    rows = []
    for sample in pool.samples:
        if sample.id in held_out:
            rows.append(_left_out(sample, RowStatus.HELD_OUT, "held out of the pool for the assessment set"))
        elif sample.id in leaks:
            rows.append(_left_out(sample, RowStatus.LEAK, leaks[sample.id]))
        else:
            values = {name: found[sample.id].score for name, found in baselines.items() if sample.id in found}
            known = {name: value for name, value in values.items() if value is not None}
            rows.append(_candidate(sample, contributions.get(sample.id), decisions[sample.id], known))
    for twin in pool.duplicates:
        reason = f"exact duplicate of row {twin.first_row}"
        rows.append(ScoreRow(twin.id, twin.row, twin.turn, RowStatus.DUPLICATE, reason, f"dropped: {reason}"))
    for fault in pool.faults:
        told = printable(str(fault))
        rows.append(ScoreRow("", fault.row, 0, RowStatus.BAD_ROW, told, f"dropped: {told}"))
    return rows


def _left_out(sample: Sample, status: RowStatus, reason: str) -> ScoreRow:
    return ScoreRow(sample.id, sample.row, sample.turn, status, reason, f"dropped: {reason}")


def _candidate(sample: Sample, found: Contribution | None, decision: Decision, baselines: dict[str, float]) -> ScoreRow:
    status, reason = RowStatus.NOT_SCORED, "outside the scored subset, or scoring was stopped before its turn"
    if found is not None:
        status = RowStatus.SCORED if found.status == Status.OK else RowStatus.FAILED
        reason = found.reason
    return ScoreRow(
        id=sample.id,
        row=sample.row,
        turn=sample.turn,
        status=status,
        reason=reason,
        score=found.score if found else None,
        standard_error=found.standard_error if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        margin=found.margin if found else None,
        decided=found.decided if found else "",
        log_gain=found.log_gain if found else None,
        consistency=found.consistency if found else None,
        coverage=found.coverage if found else None,
        stability=found.stability if found else None,
        n_assessed=found.n_assessed if found else 0,
        groups=dict(found.groups) if found else {},
        baselines=baselines,
        probability=decision.probability,
        rank=decision.rank,
        selected=decision.selected,
        decision=f"failed: {reason}" if status == RowStatus.FAILED and decision.rank is None else decision.reason,
    )
