"""scores.parquet: one row per candidate of the pool, with its score, its decision and the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

import pyarrow as pa

from icon.errors import RunError, WrongRunError
from icon.runs.atomic import write_bytes
from icon.runs.tables import file_bytes, parquet_bytes, table_of
from icon.types import RowStatus

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


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A row of scores.parquet.

    Attributes:
        id: Content hash of the candidate; empty for a row that could not be read.
        row: Zero-based number of the record in the pool.
        turn: Which assistant turn of the record.
        status: What became of the row.
        reason: What stands behind the status.
        score: What candidates are ranked by; the other statistics as in `types.Contribution`.
        baselines: Values of the baseline scorers, by name.
        probability: The classifier's probability of the label 1.
        rank: Place from the top, counted from 1.
        selected: Whether it is kept.
        decision: Why, in words.
    """

    id: str
    row: int
    turn: int
    status: RowStatus
    reason: str
    decision: str
    selected: bool = False
    score: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    decided: str = ""
    log_gain: float | None = None
    consistency: float | None = None
    coverage: float | None = None
    stability: float | None = None
    n_assessed: int = 0
    groups: dict[str, float] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)
    probability: float | None = None
    rank: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RowStatus(self.status))


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
