"""Reads a pool or assessment file into samples; every row becomes samples, duplicates or a fault."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

from icon.errors import BadRowsError, ConfigError, InputError, RowFault, UnknownStrategyError
from icon.plugins import Reader
from icon.samples.bounds import HEAD, KEPT_FAULTS, MAX_FAULTS
from icon.samples.formats.readers import LOOKED_AT, builtin_readers, recognise
from icon.samples.formats.single_turns import Columns
from icon.samples.making import MAX_FIELD_CHARS, check_sample
from icon.samples.reasoning import Reasoning, record_samples
from icon.samples.records import iter_records, source_digest
from icon.samples.rows import FieldFault, Record, group_from
from icon.types import Sample

_HEAD = 1000


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A sample with the same content as an earlier one: its id and place, and the row of the first."""

    id: str
    row: int
    turn: int
    first_row: int


@dataclass(frozen=True, slots=True)
class LoadedSamples:
    """The samples of a source, its duplicates and its faults.

    Attributes:
        source: File, folder or hub name, as given.
        format: Name of the reader.
        digest: Digest of the source (`records.source_digest`).
        n_rows: How many records the source has, bad ones included.
        samples: The distinct samples, in the order of their rows.
        duplicates: The samples that repeat an earlier one.
        faults: The faults of the rows that are not samples.
    """

    source: str
    format: str
    digest: str
    n_rows: int
    samples: list[Sample]
    duplicates: list[Duplicate]
    faults: list[RowFault]


@dataclass(slots=True)
class _Tally:
    """Samples, duplicates and faults so far; `n_bad` counts the faults that are not kept, too."""

    source: str
    most_kept: int
    n_rows: int = 0
    n_bad: int = 0
    samples: list[Sample] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    first_rows: dict[str, int] = field(default_factory=dict)

    def add(self, sample: Sample) -> None:
        first_row = self.first_rows.get(sample.id)
        if first_row is None:
            self.first_rows[sample.id] = sample.row
            self.samples.append(sample)
        else:
            self.duplicates.append(Duplicate(sample.id, sample.row, sample.turn, first_row))

    def refuse(self, fault: RowFault) -> None:
        """Count a bad row, and keep it if it is one of the first.

        Raises:
            InputError: There are so many that the source is of another kind than it is read as.
        """
        self.n_bad += 1
        if len(self.faults) < self.most_kept:
            self.faults.append(fault)
        if self.n_bad > MAX_FAULTS and self.n_bad > len(self.samples) + len(self.duplicates):
            raise too_many_bad_rows(self.source, self.faults)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way in which records are read; the fields are arguments of `load_samples`."""

    reader: Reader
    group_field: str | None
    every_turn: bool
    reasoning: Reasoning
    ignore: Collection[str]
    max_field_chars: int

    def samples(self, record: Record) -> list[Sample]:
        """The checked samples of a record; a bad one makes the whole record bad."""
        if record.fields is None:
            assert record.fault is not None  # a record has fields or a fault
            raise FieldFault(record.fault.field, record.fault.found, record.fault.valid)
        samples = record_samples(
            self.reader,
            record.fields,
            record.row,
            every_turn=self.every_turn,
            reasoning=self.reasoning,
            ignore=self.ignore,
        )
        if not samples:
            raise FieldFault("", "a record of which the reader makes no sample", "at least one sample per record")
        if self.group_field is not None:
            group = group_from(record.fields, self.group_field)
            samples = [replace(sample, group=group) for sample in samples]
        for sample in samples:
            check_sample(sample, record.fields, self.max_field_chars)
        return samples


def load_samples(
    source: str,
    *,
    format: str = "auto",
    readers: Mapping[str, Reader] | None = None,
    columns: Mapping[str, str] | None = None,
    group_field: str | None = None,
    every_turn: bool = False,
    on_bad_row: Literal["error", "skip"] = "error",
    split: str = "train",
    reasoning: Reasoning = "error",
    ignore: Collection[str] = (),
    max_field_chars: int = MAX_FIELD_CHARS,
) -> LoadedSamples:
    """The samples of a source.

    Args:
        source: File, folder saved by `datasets`, or hub name (`records.iter_records`).
        format: Name of a reader, or "auto" to recognise it from the first records.
        readers: Readers by name; None for the built-in ones.
        columns: Field by part (`single_turns.Columns`), instead of a format.
        group_field: Field that holds the task group, instead of "group" or "category".
        every_turn: Whether every assistant turn is a sample, instead of the last one alone.
        on_bad_row: Whether rows that are not samples are an error, or are skipped and listed in `faults`.
        split: Which split of a data set.
        reasoning: What becomes of reasoning that is apart from its answer (`reasoning.settle`).
        ignore: Fields that the model need not see, of records and their turns; no reader sees them.
        max_field_chars: Longest text of a sample, in characters.

    Raises:
        InputError: The source cannot be read, its format cannot be recognised, it has no sample at all, or it changed
            meanwhile.
        BadRowsError: Some rows are not samples, and `on_bad_row` is "error"; it counts all of them
            and keeps the first thousand.
        UnknownStrategyError: No reader has that name.
        ConfigError: The columns are not valid.
    """
    digest = source_digest(source, split=split)
    records = iter_records(source, split=split)
    name, reader, records = _choose(source, records, format, builtin_readers() if readers is None else readers, columns)
    way = _Way(reader, group_field, every_turn, reasoning, ignore, max_field_chars)
    tally = _Tally(source, KEPT_FAULTS if on_bad_row == "error" else sys.maxsize)
    for record in records:
        tally.n_rows += 1
        try:
            for sample in way.samples(record):
                tally.add(sample)
        except FieldFault as fault:
            tally.refuse(record.fault or fault.at(record.row, record.where))
    if tally.faults and on_bad_row == "error":
        raise BadRowsError(source, tally.faults, n_bad=tally.n_bad)
    if not tally.samples:
        faults = "\n".join(f"  {fault}" for fault in tally.faults[:20])
        raise InputError(f"{source}: none of its {tally.n_rows} rows is a sample (read as {name}):\n{faults}")
    if source_digest(source, split=split) != digest:
        raise InputError(f"{source}: changed while it was being read; valid: a file that nothing writes to; try again")
    return LoadedSamples(source, name, digest, tally.n_rows, tally.samples, tally.duplicates, tally.faults)


def _choose(
    source: str,
    records: Iterator[Record],
    name: str,
    readers: Mapping[str, Reader],
    columns: Mapping[str, str] | None,
) -> tuple[str, Reader, Iterator[Record]]:
    """The reader's name, the reader, and all the records, also those that were read to recognise the format."""
    if columns:
        if name not in ("auto", Columns.name):
            raise ConfigError(f"found both the format {name!r} and columns; valid: one of the two")
        return Columns.name, Columns(columns), records
    if name == "auto":
        head = list(_head(records))
        parsed = [record.fields for record in head if record.fields is not None]
        records = chain(head, records)
        if not parsed:
            raise _only_bad_rows(source, records)
        name = recognise(source, parsed, readers)
    if name not in readers:
        near = difflib.get_close_matches(name, readers, n=2)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownStrategyError(f"no reader named {name!r}; known: {', '.join(sorted(readers))}, auto.{hint}")
    return name, readers[name], records


def _head(records: Iterator[Record]) -> Iterator[Record]:
    parsed = size = 0
    for number, record in enumerate(records, start=1):
        yield record
        parsed += record.fields is not None
        size += record.size
        if parsed == LOOKED_AT or number == _HEAD or (parsed and size > HEAD):
            return


def _only_bad_rows(source: str, records: Iterable[Record]) -> InputError:
    tally = _Tally(source, KEPT_FAULTS)
    try:
        for record in records:
            if record.fault is not None:
                tally.refuse(record.fault)
    except InputError as error:
        return error
    return BadRowsError(source, tally.faults, n_bad=tally.n_bad)


def too_many_bad_rows(source: str, faults: Sequence[RowFault]) -> InputError:
    """The error of a source with more than `MAX_FAULTS` bad rows, most of what was read."""
    lines = "\n".join(f"  {fault}" for fault in faults[:3])
    return InputError(
        f"{source}: found more than {MAX_FAULTS:,} bad rows, and fewer samples; the first:\n{lines}\n"
        "Valid: a file of records; is it of another kind than its ending says, or of another --format?"
    )
