"""What a selection writes: scores.parquet, and the records of the pool, selected and dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack

from icon.pipeline._choosing import Chosen
from icon.pipeline.planned import Choice, Planned
from icon.runs.dropped import PoolRecord
from icon.runs.outputs import write_records
from icon.runs.pool_scores import PoolScores
from icon.runs.records import SelectStage
from icon.runs.run import Run
from icon.runs.score_table import ScoreTable
from icon.runs.scores import settings_of_scores, write_tables, written_scores
from icon.runs.standing import NOTHING
from icon.runs.writing import printable
from icon.types import Contribution
from icon.validation.arms import digest_of

Found = tuple[Mapping[str, Contribution], Mapping[str, Mapping[str, Contribution]]]
"""Contributions of the run's scorer by candidate, and those of each baseline scorer by its name."""


def write_selection(
    run: Run, plan: Planned, choice: Choice, chosen: Chosen, found: Found, audit: dict[int, str]
) -> ScoreTable:
    """Stage the table and the records, and note the audit field; returns the rows of scores.parquet.

    The table comes first, as a stream; the records then pass once, each beside its rows of the table. Where nothing is
    chosen there are no records, and those of an earlier selection go.

    Args:
        run: The run, past its second stage.
        plan: What it has measured.
        choice: The settings of the selection.
        chosen: What is chosen.
        found: Contributions of the run's scorer by candidate, and those of each baseline scorer by its name.
        audit: Gets the value of the audit field by row.

    Raises:
        InputError: The pool was edited since it was read.
    """
    rows = _write_table(run, plan, choice, chosen, found)
    selected, dropped = _write_records(run, plan, choice, chosen, rows, audit)
    run.drop("report.html")  # it is of another selection
    run.note_stage(
        select=SelectStage(
            selector=chosen.selector.name if chosen.selector else NOTHING,
            selector_options=dict(chosen.selector.options) if chosen.selector else {},
            keep=choice.config.keep,
            equal_length=choice.config.equal_length,
            digest=digest_of(rows.selected_ids),
            records_selected=selected,
            records_dropped=dropped,
            dropped=None if choice.config.dropped == "full" or chosen.selector is None else choice.config.dropped,
        )
    )
    return rows


def _write_table(run: Run, plan: Planned, choice: Choice, chosen: Chosen, found: Found) -> ScoreTable:
    """Stage scores.parquet; gives its rows."""
    made = PoolScores(plan.pool, plan.stage, plan.candidates, *found, chosen.selection)
    with run.staging("scores.parquet") as table:
        write_tables(table, made.tables(), settings_of_scores(choice.config))
    return written_scores(run.staged("scores.parquet"))


def _write_records(
    run: Run, plan: Planned, choice: Choice, chosen: Chosen, rows: ScoreTable, audit: dict[int, str]
) -> tuple[int, int]:
    """Stage the records, of which the dropped ones are kept as far as the user wants; gives how many there are."""
    records = _noting(plan.records(), choice.config.audit_field, audit)
    keeps = choice.config.dropped
    if chosen.selector is None:
        for _ in records:
            pass  # the audit field is noted
        run.drop("selected.jsonl")
        run.drop("dropped.jsonl")
        return 0, 0
    with ExitStack() as files:  # an edited pool is refused when the last record was read, and nothing is staged
        selected = files.enter_context(run.staging("selected.jsonl"))
        dropped = None if keeps == "none" else files.enter_context(run.staging("dropped.jsonl"))
        counts = write_records(selected, dropped, records, rows, keeps)
    if keeps == "none":
        run.drop("dropped.jsonl")
    return counts


def _noting(records: Iterable[PoolRecord], field: str | None, audit: dict[int, str]) -> Iterator[PoolRecord]:
    """The records as they pass; the value of the audit field, which only the summary uses, is noted by row."""
    for record in records:
        if field is not None and (fields := record.fields) is not None:
            audit[record.row] = printable(str(fields.get(field) or ""))
        yield record
