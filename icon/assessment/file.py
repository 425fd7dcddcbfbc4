"""Builders `file`, the user's own target tasks ("make my model better at THIS file"), and `demo`, embedded tasks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.assessment.draw import source_and_group, stratified_draw
from icon.plugins import AssessmentTask, Options
from icon.types import Sample


class FileOptions(Options):
    """Options of `file`."""

    path: str = Field(description="File, saved data set or hub name of the target tasks.")
    format: str = Field("auto", description="Record format; 'auto' recognises it, the paper's 1,020 samples included.")
    columns: dict[str, str] = Field({}, description="Names of the fields, for records of no known format.")
    group_field: str | None = Field(None, description="Field that holds the task group.")
    split: str = Field("train", description="Split of a hub data set.")
    reasoning: Literal["error", "response", "ignore"] = Field(
        "error", description="What to do with reasoning before an answer, as for the pool."
    )
    tool_calls: Literal["error", "response"] = Field(
        "error", description="What to do with an answer that calls a tool, as for the pool."
    )
    preference: Literal["chosen", "rejected"] = Field(
        "chosen", description="Which answer of a preference pair is the response."
    )
    response_after: str | None = Field(
        None, min_length=1, description="Mark before the response in records of one text, as for the pool."
    )
    ignore: tuple[str, ...] = Field((), description="Fields that the model need not see, as for the pool.")
    on_bad_row: Literal["error", "skip"] = Field("error", description="What to do with rows that cannot be read.")


class FileBuilder:
    """Reads the file and, where a size is set, draws from it in proportion to its sources and groups.

    The draw is seeded and stratified over (source, group) by largest remainder. With or without a size the samples come
    out interleaved over the strata and in seeded order within them, not in the order of the file: every prefix of the
    set then represents the whole, which scoring on growing slices relies on.
    """

    held_out = False

    def __init__(self, options: FileOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """At most `task.size` samples of the file.

        Raises:
            InputError: The file cannot be read or holds no sample.
            BadRowsError: Rows are no samples, and `on_bad_row` is "error".
            ConfigError: Format or columns do not fit.
        """
        from icon.samples.load import load_samples

        asked = self.options
        loaded = load_samples(
            asked.path,
            format=asked.format,
            readers=task.readers,
            columns=asked.columns or None,
            group_field=asked.group_field,
            split=asked.split,
            reasoning=asked.reasoning,
            tool_calls=asked.tool_calls,
            preference=asked.preference,
            response_after=asked.response_after,
            ignore=asked.ignore,
            on_bad_row=asked.on_bad_row,
        )
        available = len(loaded.samples)
        self.notes = [note.replace("--reasoning ", "-o assessment.reasoning=") for note in loaded.notes]
        if loaded.faults:
            self.notes.append(f"{asked.path}: {len(loaded.faults)} bad rows skipped; the first: {loaded.faults[0]}")
        if loaded.duplicates:
            self.notes.append(f"{asked.path}: {len(loaded.duplicates)} duplicates counted once")
        if task.size is not None and task.size > available:
            self.notes.append(f"{asked.path}: {task.size} samples asked for, {available} found: all of them are used")
        return stratified_draw(loaded.samples, task.size, task.seed, source_and_group)


class DemoOptions(Options):
    """`demo` has no options."""


class DemoBuilder:
    """36 short tasks of three groups; a smaller size is drawn as by `file`."""

    held_out = False

    def __init__(self, options: DemoOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """At most `task.size` of the demo's tasks."""
        from icon.samples.demo import DEMO_ASSESSMENT
        from icon.samples.load import load_samples

        samples = load_samples(str(DEMO_ASSESSMENT)).samples
        too_many = task.size is not None and task.size > len(samples)
        self.notes = [f"demo: {task.size} samples asked for, {len(samples)} found: all are used"] if too_many else []
        return stratified_draw(samples, task.size, task.seed, source_and_group)
