"""Builder `paper`: the strata of the paper's assessment set, drawn anew from OpenOrca and Dolly-15k."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from icon.assessment.draw import allocate, draw_from_stream, interleave
from icon.errors import BadRowsError, InputError, RowFault
from icon.plugins import AssessmentTask, Options, Reader
from icon.types import Sample

if TYPE_CHECKING:
    from icon.samples.rows import Record

_ORCA_GROUPS = ("niv", "flan", "t0", "cot")
_DOLLY_GROUPS = (
    "closed_qa",
    "classification",
    "open_qa",
    "information_extraction",
    "brainstorming",
    "general_qa",
    "summarization",
    "creative_writing",
)
STRATA: dict[tuple[str, str], int] = {
    **{("OpenOrca_GPT4", group): 100 for group in _ORCA_GROUPS},
    **{("OpenOrca_ChatGPT", group): 75 for group in _ORCA_GROUPS},
    **{("Dolly", group): 40 for group in _DOLLY_GROUPS},
}
"""Samples by source and task group, 1,020 in all (METHOD: stage 1), named as in the released set."""


class PaperOptions(Options):
    """Options of `paper`; the set that the authors released is read with the builder `file` instead."""

    openorca_gpt4: str = Field(description="OpenOrca's GPT-4 part (1M-GPT4-Augmented): a file or a data set's name.")
    openorca_chatgpt: str = Field(description="OpenOrca's ChatGPT part (3_5M-GPT3_5-Augmented), likewise.")
    dolly: str = Field(description="Dolly-15k: a file, or databricks/databricks-dolly-15k.")
    on_bad_row: Literal["error", "skip"] = Field(
        "skip", description="What to do with rows that cannot be read: skip them in the draw, or stop."
    )


class PaperBuilder:
    """Draws each stratum at random; a size other than 1,020 scales all strata by largest remainder.

    The three sources are streamed, never held in memory. An OpenOrca record's group is the part of its `id` before
    the point ("niv.242684"), a Dolly record's its `category`.
    """

    held_out = False

    def __init__(self, options: PaperOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """The samples, interleaved over the strata.

        Raises:
            InputError: A source cannot be read, or strata have too few samples; the message lists them all.
            BadRowsError: Rows are no samples, and `on_bad_row` is "error".
        """
        places = STRATA if task.size is None else allocate(task.size, STRATA)
        files = {
            "OpenOrca_GPT4": (self.options.openorca_gpt4, "openorca", "id"),
            "OpenOrca_ChatGPT": (self.options.openorca_chatgpt, "openorca", "id"),
            "Dolly": (self.options.dolly, "dolly", "category"),
        }
        self.notes = []
        drawn: dict[tuple[str, str], list[Sample]] = {}
        for source, (path, format_, field) in files.items():
            wanted = {group: n for (its, group), n in places.items() if its == source}
            # Some samples with answers of a word or two are in both parts of OpenOrca; such a sample counts once.
            taken = {sample.id for members in drawn.values() for sample in members}
            new = (sample for sample in self._stream(path, format_, field, source) if sample.id not in taken)
            of_source = draw_from_stream(new, wanted, task.seed)
            drawn |= {(source, group): members for group, members in of_source.items()}
        short = {stratum: n for stratum, n in places.items() if len(drawn[stratum]) < n}
        if short:
            raise InputError(self._shortage(short, drawn))
        return interleave({stratum: members for stratum, members in drawn.items() if members})

    def _shortage(self, short: Mapping[tuple[str, str], int], drawn: Mapping[tuple[str, str], list[Sample]]) -> str:
        lines = ["assessment paper: too few samples in"]
        lines += [f"  {its} {group}: found {len(drawn[its, group])}, needed {n}" for (its, group), n in short.items()]
        return "\n".join([*lines, *self.notes, "Name the whole data sets, or ask for a smaller assessment size."])

    def _stream(self, path: str, format_: str, field: str, source: str) -> Iterator[Sample]:
        """The source's samples with source and group set; bad rows are in an error or in the notes."""
        from icon.samples.bounds import KEPT_FAULTS
        from icon.samples.formats.readers import builtin_readers
        from icon.samples.records import iter_records
        from icon.samples.rows import FieldFault

        reader = builtin_readers()[format_]
        faults: list[RowFault] = []
        n_bad = 0
        for record in iter_records(path):
            try:
                sample = _sample(record, reader, field)
            except FieldFault as fault:
                n_bad += 1
                if n_bad == 1 or (self.options.on_bad_row == "error" and n_bad <= KEPT_FAULTS):
                    faults.append(record.fault or fault.at(record.row, record.where))
                continue
            yield replace(sample, source=source)
        if faults and self.options.on_bad_row == "error":
            raise BadRowsError(path, faults, n_bad=n_bad)
        if faults:
            self.notes.append(f"{path}: {n_bad} bad rows left out of the draw; the first: {faults[0]}")


def _sample(record: Record, reader: Reader, field: str) -> Sample:
    """The record as a sample, its group the named field up to the first point.

    Raises:
        FieldFault: The record is not a sample.
    """
    from icon.samples.choices import Choices, record_samples
    from icon.samples.making import check_sample
    from icon.samples.rows import FieldFault, group_from

    if record.fields is None:
        raise FieldFault("", "a row that cannot be read", "a record")
    group = group_from(record.fields, field) or ""
    (sample,) = record_samples(reader, record.fields, record.row, Choices())
    check_sample(sample, record.fields)
    return replace(sample, group=group.partition(".")[0])
