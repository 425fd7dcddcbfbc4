"""Reads a pool or assessment file into samples; every row becomes samples, duplicates or a fault."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from icon.errors import BadRowsError, InputError, RowFault, lines_by_kind
from icon.plugins import Reader
from icon.samples._sought import Sought
from icon.samples._tally import Tally
from icon.samples.addresses import named, notes_of, pieces_of
from icon.samples.again import Again
from icon.samples.bounds import KEPT_FAULTS
from icon.samples.choices import Calls, Choices, Preferred, Reasoning
from icon.samples.choosing import chosen_reader
from icon.samples.duplicates import Duplicate, Duplicates
from icon.samples.formats.readers import builtin_readers
from icon.samples.making import MAX_FIELD_CHARS
from icon.samples.pool_samples import PoolSamples
from icon.samples.records import source_digest
from icon.samples.rows import FieldFault
from icon.samples.thinking import INLINE, notes_on
from icon.samples.way import Way

__all__ = ["Duplicate", "LoadedSamples", "load_samples"]


@dataclass(frozen=True, slots=True)
class LoadedSamples:
    """The samples of a source, its duplicates and its faults.

    Attributes:
        source: File, folder or hub name, as given; of several the first, and how many more.
        format: Name of the reader; of several the names joined by "+".
        digest: Digest of the source (`records.source_digest`).
        n_rows: How many records the source has, bad ones included.
        samples: The distinct samples, in the order of their rows; in memory where they take little (`bounds.HELD`).
        duplicates: The samples that repeat an earlier one.
        faults: The faults of the rows that are not samples.
        left_out: By field, how many records hold something there that no sample has.
        notes: What the user should know of the source, a sentence each.
        sources: By row, the address it was read from or the source that its record names; empty with one source.
    """

    source: str
    format: str
    digest: str
    n_rows: int
    samples: PoolSamples
    duplicates: Duplicates
    faults: list[RowFault]
    left_out: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[int, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def load_samples(
    source: str | Sequence[str],
    *,
    format: str = "auto",
    readers: Mapping[str, Reader] | None = None,
    columns: Mapping[str, str] | None = None,
    response_after: str | None = None,
    group_field: str | None = None,
    source_field: str | None = None,
    every_turn: bool = False,
    on_bad_row: Literal["error", "skip"] = "error",
    split: str = "train",
    reasoning: Reasoning = "error",
    tool_calls: Calls = "error",
    preference: Preferred = "chosen",
    ignore: Collection[str] = (),
    inline: bool = True,
    max_field_chars: int = MAX_FIELD_CHARS,
) -> LoadedSamples:
    """The samples of a source.

    Args:
        source: File, folder, glob, hub name or address, or several of them (`records.iter_records`).
        format: Name of a reader, or "auto" to recognise it from the first records of each file.
        readers: Readers by name; None for the built-in ones.
        columns: Field by part (`single_turns.Columns`), instead of a format.
        response_after: The mark before the response in records of one text (`formats.one_text`).
        group_field: Field that holds the task group, instead of "group" or "category".
        source_field: Field that names the source of a record.
        every_turn: Whether every assistant turn is a sample, instead of the last one alone.
        on_bad_row: Whether rows that are not samples are an error, or are skipped and listed in `faults`.
        split: Which split of a data set.
        reasoning: What becomes of reasoning that is apart from its answer (`choices.Choices`).
        tool_calls: What becomes of an answer that calls a tool.
        preference: Which answer of a preference pair is the response.
        ignore: Fields that the model need not see, of records and their turns; no reader sees them.
        inline: Whether `reasoning` is also of what a response begins with between marks such as `<think>`.
        max_field_chars: Longest text of a sample, in characters.

    Raises:
        InputError: The source cannot be read, its format cannot be recognised, it has no sample at all, no record has
            a field that is named, or it changed meanwhile.
        BadRowsError: Some rows are not samples, and `on_bad_row` is "error"; it counts all of them
            and keeps the first thousand.
        UnknownStrategyError: No reader has that name.
        ConfigError: The columns are not valid.
    """
    digest, name = source_digest(source, split=split), named(source)
    known = builtin_readers() if readers is None else readers
    kind, reader, records = chosen_reader(source, split, format, known, columns, response_after)
    choices = Choices(every_turn, reasoning, tool_calls, preference, tuple(ignore), inline)
    way = Way(reader, group_field, source_field, choices, max_field_chars)
    sought = Sought(columns, group_field, source_field)
    tally = Tally(name, KEPT_FAULTS if on_bad_row == "error" else sys.maxsize)
    for found in records:
        tally.n_rows += 1
        record, n_marks = found, tally.marks.total() if choices.cuts_reasoning else 0
        sought.look(found)
        try:
            record = way.sourced(found)
            for sample in way.samples(record, tally.marks):
                tally.add(sample, record.offset)
        except FieldFault as fault:
            tally.refuse(record.fault or fault.at(record.row, record.where))
        tally.note(record, choices)
        if choices.cuts_reasoning and tally.marks.total() > n_marks:
            tally.left_out[INLINE] += 1
    sought.refuse(name)
    if tally.faults and on_bad_row == "error":
        raise BadRowsError(name, tally.faults, n_bad=tally.n_bad)
    if not tally.n_samples:
        faults = "\n".join(lines_by_kind(tally.faults, 20, tally.n_bad))
        raise InputError(f"{name}: none of its {tally.n_rows} rows is a sample (read as {kind}):\n{faults}")
    if source_digest(source, split=split) != digest:
        raise InputError(f"{name}: changed while it was being read; valid: a file that nothing writes to; try again")
    pieces = pieces_of(source, split)
    starts = [*tally.starts, *[tally.n_rows] * (len(pieces) - len(tally.starts))]  # the last ones may have no record
    samples, duplicates = tally.distinct(Again(name, pieces, starts, split, way))
    return LoadedSamples(
        name,
        kind,
        digest,
        tally.n_rows,
        samples,
        duplicates,
        tally.faults,
        dict(tally.left_out),
        tally.sources,
        [
            *notes_of(pieces, split),
            *sought.notes(name),
            *(notes_on(name, tally.marks, tally.n_samples) if reasoning == "error" else ()),
        ],
    )
