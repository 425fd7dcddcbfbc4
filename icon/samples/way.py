"""The way in which the records of a source become samples, the same whenever they are read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from icon.plugins import Reader
from icon.samples.choices import Choices, record_samples
from icon.samples.making import check_sample
from icon.samples.rows import FieldFault, Record, group_from
from icon.types import Sample

OF_SOURCE = "the name of a source, or null"
"""What the field of sources has."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way in which records are read; the fields are arguments of `load_samples`."""

    reader: Reader
    group_field: str | None
    source_field: str | None
    choices: Choices
    max_field_chars: int

    def sourced(self, record: Record) -> Record:
        """The record with the source that it names, where the user says in which field."""
        if self.source_field is None or record.fields is None:
            return record
        return replace(record, source=group_from(record.fields, self.source_field, OF_SOURCE) or record.source)

    def samples(self, record: Record, marks: Counter[str]) -> list[Sample]:
        """The checked samples of a record; a bad one makes the whole record bad. Marks of reasoning are counted.

        Raises:
            FieldFault: The record is not a sample.
        """
        if record.fields is None:
            assert record.fault is not None  # a record has fields or a fault
            raise FieldFault(record.fault.field, record.fault.found, record.fault.valid)
        samples = self._made(record, marks)
        if not samples:
            raise FieldFault("", "a record of which the reader makes no sample", "at least one sample per record")
        for sample in samples:
            check_sample(sample, record.fields, self.max_field_chars)
        return samples

    def samples_again(self, record: Record) -> list[Sample]:
        """The samples of a record that was read before and had some; none where it has none any more."""
        if record.fields is None:
            return []
        try:
            return self._made(self.sourced(record), None)
        except FieldFault:
            return []

    def _made(self, record: Record, marks: Counter[str] | None) -> list[Sample]:
        assert record.fields is not None
        samples = record_samples(self.reader, record.fields, record.row, self.choices, marks)
        if self.group_field is not None:
            group = group_from(record.fields, self.group_field)
            samples = [replace(sample, group=group) for sample in samples]
        if record.source:
            samples = [replace(sample, source=record.source) for sample in samples]
        return samples
