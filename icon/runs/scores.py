"""scores.parquet: every row of the pool with its status, score and decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from icon.errors import RunError, WrongRunError
from icon.runs.columns import column
from icon.runs.directory import RunDirectory
from icon.runs.ledger import open_checked
from icon.runs.manifest import Manifest
from icon.runs.records import AssessStage
from icon.runs.tables import buffer_of, file_bytes, parquet_bytes, table_of
from icon.runs.writing import printable, write_bytes
from icon.samples.load import LoadedSamples
from icon.types import Contribution, Decision, RowStatus, Sample, ScoreRow, Selection, Status

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("row", pa.int64()),
        ("turn", pa.int32()),
        ("source", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("raw_score", pa.float64()),
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
        ("decided_by", pa.string()),
    ]
)


def write_scores(path: Path, rows: Iterable[ScoreRow], fingerprint: str) -> None:
    """Write the table, in the order of the pool's rows."""
    write_bytes(path, scores_bytes(rows, fingerprint))


def scores_bytes(rows: Iterable[ScoreRow], fingerprint: str) -> bytes:
    """The table as scores.parquet has it, in the order of the pool's rows."""
    ordered = sorted(rows, key=lambda row: (row.row, row.turn))
    columns = [column([getattr(row, field.name) for row in ordered], field.type) for field in SCHEMA]
    table = pa.Table.from_arrays(columns, schema=SCHEMA)
    for name in ("source", "decided_by"):
        if not any(getattr(row, name) for row in ordered):
            table = table.drop_columns([name])
    return parquet_bytes(table.replace_schema_metadata({"icon.fingerprint": fingerprint}))


def scores_of(directory: RunDirectory, manifest: Manifest) -> list[ScoreRow]:
    """The table of a run, with the digest that its run.json has.

    Raises:
        WrongRunError: Nothing is selected yet.
        RunError: The file is missing or damaged.
    """
    if "scores.parquet" not in manifest.files and directory.pins is None:
        return read_scores(directory.scores)
    try:
        with open_checked(directory, manifest, "scores.parquet") as file:
            return _rows(buffer_of(file))
    except FileNotFoundError:
        raise WrongRunError(_missing(directory.scores)) from None
    except (OSError, pa.ArrowException) as error:
        raise RunError(_unreadable(directory.scores, error)) from None


def read_scores(path: Path) -> list[ScoreRow]:
    """Read the table that `write_scores` wrote.

    Raises:
        WrongRunError: The file is missing.
        RunError: It is damaged.
    """
    try:
        return _rows(file_bytes(path))
    except FileNotFoundError:
        raise WrongRunError(_missing(path)) from None
    except (OSError, pa.ArrowException) as error:
        raise RunError(_unreadable(path, error)) from None


def _missing(path: Path) -> str:
    return f"{path}: does not exist; to write it: icon select {path.parent}"


def _unreadable(path: Path, error: Exception) -> str:
    return f"{path}: cannot be read ({error}); to write it again: icon select {path.parent}"


def _rows(data: pa.Buffer) -> list[ScoreRow]:
    rows = table_of(data).to_pylist()
    return [ScoreRow(**{**row, "groups": dict(row["groups"]), "baselines": dict(row["baselines"])}) for row in rows]


def pool_rows(
    pool: LoadedSamples,
    assess: AssessStage,
    contributions: Mapping[str, Contribution],
    baselines: Mapping[str, Mapping[str, Contribution]],
    selection: Selection,
) -> list[ScoreRow]:
    """One row per candidate, duplicate, leak, held-out sample and bad row.

    Args:
        pool: The pool.
        assess: The outcome of stage 1.
        contributions: Contributions of the measured candidates, by id.
        baselines: The same for each baseline scorer, by its name.
        selection: A decision for every candidate.
    """
    held_out, leaks, near = set(assess.held_out), assess.leaks, assess.near_duplicates
    decisions = {decision.id: decision for decision in selection.decisions}
    rows = []
    for sample in pool.samples:
        if sample.id in held_out:
            rows.append(_left_out(sample, RowStatus.HELD_OUT, "held out of the pool for the assessment set"))
        elif sample.id in leaks:
            rows.append(_left_out(sample, RowStatus.LEAK, leaks[sample.id]))
        elif sample.id in near:
            rows.append(_left_out(sample, RowStatus.NEAR_DUPLICATE, near[sample.id]))
        else:
            values = {name: scored[sample.id].score for name, scored in baselines.items() if sample.id in scored}
            known = {name: value for name, value in values.items() if value is not None}
            rows.append(_candidate(sample, contributions.get(sample.id), decisions[sample.id], known))
    for twin in pool.duplicates:
        reason = f"exact duplicate of row {twin.first_row}"
        rows.append(ScoreRow(twin.id, twin.row, twin.turn, RowStatus.DUPLICATE, reason, f"dropped: {reason}"))
    for fault in pool.faults:
        reason = printable(str(fault))
        rows.append(ScoreRow("", fault.row, 0, RowStatus.BAD_ROW, reason, f"dropped: {reason}"))
    return [replace(row, source=pool.sources.get(row.row, "")) for row in rows] if pool.sources else rows


def _left_out(sample: Sample, status: RowStatus, reason: str) -> ScoreRow:
    return ScoreRow(sample.id, sample.row, sample.turn, status, reason, f"dropped: {reason}")


def _candidate(
    sample: Sample, measured: Contribution | None, decision: Decision, baselines: dict[str, float]
) -> ScoreRow:
    status, reason = RowStatus.NOT_SCORED, "outside the scored subset, or scoring was stopped before its turn"
    if measured is not None:
        status = RowStatus.SCORED if measured.status == Status.OK else RowStatus.FAILED
        reason = measured.reason
    return ScoreRow(
        id=sample.id,
        row=sample.row,
        turn=sample.turn,
        status=status,
        reason=reason,
        score=measured.score if measured else None,
        raw_score=measured.raw_score if measured else None,
        standard_error=measured.standard_error if measured else None,
        low=measured.low if measured else None,
        high=measured.high if measured else None,
        margin=measured.margin if measured else None,
        decided=measured.decided if measured else "",
        log_gain=measured.log_gain if measured else None,
        consistency=measured.consistency if measured else None,
        coverage=measured.coverage if measured else None,
        stability=measured.stability if measured else None,
        n_assessed=measured.n_assessed if measured else 0,
        groups=dict(measured.groups) if measured else {},
        baselines=baselines,
        probability=decision.probability,
        rank=decision.rank,
        selected=decision.selected,
        decision=f"failed: {reason}" if status == RowStatus.FAILED and decision.rank is None else decision.reason,
        decided_by=decision.decided_by,
    )
