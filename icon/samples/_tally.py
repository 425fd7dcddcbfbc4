"""What was read so far of a source: its samples and faults, and what no sample has of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from icon.errors import InputError, RowFault, lines_by_kind
from icon.samples import bounds
from icon.samples.again import Again
from icon.samples.bounds import MAX_FAULTS
from icon.samples.choices import Choices
from icon.samples.columns import GrowingColumns, RowSources
from icon.samples.duplicates import Duplicates, parted
from icon.samples.fields import CHOSEN, REASONING, REJECTED, holds, is_answer, is_pair, lists, turns_of
from icon.samples.pool_samples import PoolSamples, Shelf
from icon.samples.rows import Record
from icon.types import Sample

_ANSWERS = frozenset((CHOSEN, *REJECTED))


@dataclass(slots=True)
class Tally:
    """Samples and faults so far.

    Attributes:
        source: The source, for messages.
        most_kept: How many faults are kept.
        n_rows: Number of records.
        n_bad: Number of faults, those that are not kept included.
        columns: Numbers of all samples, those that repeat an earlier one included.
        held: The samples themselves; None once they take more memory than `bounds.HELD`.
        starts: The first row of each file or data set so far.
        faults: The faults that are kept.
        left_out: By field, how many records hold something there that no sample has.
        sources: By row, where its record comes from, where there are several sources.
        marks: By mark, such as `<think>`, how many responses begin with reasoning.
    """

    source: str
    most_kept: int
    n_rows: int = 0
    n_bad: int = 0
    columns: GrowingColumns = field(default_factory=GrowingColumns)
    held: list[Sample] | None = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    sources: RowSources = field(default_factory=RowSources)
    marks: Counter[str] = field(default_factory=Counter)
    _memory: int = 0

    @property
    def n_samples(self) -> int:
        """Number of samples, duplicates included."""
        return len(self.columns)

    def add(self, sample: Sample, offset: int) -> None:
        """Count a sample of a record that begins at this byte of its file."""
        memory = self.columns.append(sample, offset)
        if self.held is not None:
            self._memory += memory
            self.held.append(sample)
            if self._memory > bounds.HELD:
                self.held = None

    def note(self, record: Record, choices: Choices) -> None:
        """Note where a record is, and count what no sample has of it."""
        while len(self.starts) <= record.piece:
            self.starts.append(record.row)
        if record.source:
            self.sources.note(record.row, record.source)
        if record.fields and (found := left_out(record.fields, choices)):
            self.left_out.update(found)

    def distinct(self, again: Again) -> tuple[PoolSamples, Duplicates]:
        """The samples that repeat none before them, and those that do.

        Args:
            again: Reads them where they are not held.
        """
        columns = self.columns.done()
        kept, duplicates = parted(columns)
        if kept is None:
            return PoolSamples(Shelf(columns, self.held, again)), duplicates
        held = None if self.held is None else [self.held[place] for place in kept.tolist()]
        return PoolSamples(Shelf(columns.take(kept), held, again)), duplicates

    def refuse(self, fault: RowFault) -> None:
        """Count a bad row, and keep it if it is one of the first.

        Raises:
            InputError: There are so many that the source is of another kind than it is read as.
        """
        self.n_bad += 1
        if len(self.faults) < self.most_kept:
            self.faults.append(fault)
        if self.n_bad > MAX_FAULTS and self.n_bad > self.n_samples:
            raise too_many_bad_rows(self.source, self.faults)


def left_out(record: Mapping[str, Any], choices: Choices) -> list[str]:
    """The fields of a record that hold something for the model or for training which no sample has.

    These are fields that the user let be ignored, reasoning where it is ignored, and the other answer of a pair.
    """
    if not choices.ignore and choices.reasoning != "ignore" and _ANSWERS.isdisjoint(record):
        return []
    ignored = (*choices.ignore, *(REASONING if choices.reasoning == "ignore" else ()))
    found = _held(record, ignored) if ignored else []
    swapped = choices.preference == "rejected" and is_pair(record)
    others = (CHOSEN, *REJECTED[1:]) if swapped else REJECTED
    return [*found, *(name for name in others if name not in ignored and is_answer(record.get(name)))]


def _held(record: Mapping[str, Any], names: Collection[str]) -> list[str]:
    turns = [turn for _, turn in turns_of(record)]
    return [name for name in names if any(_holds(holder.get(name)) for holder in (record, *turns))]


def _holds(value: Any) -> bool:
    return holds(value) and lists(value)


def too_many_bad_rows(source: str, faults: Sequence[RowFault]) -> InputError:
    """The error of a source with more than `MAX_FAULTS` bad rows, most of what was read."""
    lines = "\n".join(lines_by_kind(faults, 3, 0))
    return InputError(
        f"{source}: found more than {MAX_FAULTS:,} bad rows, and fewer samples; the first:\n{lines}\n"
        "Valid: a file of records; is it of another kind than its ending says, or of another --format?"
    )
