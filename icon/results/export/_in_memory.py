"""The records of a run as a `datasets.Dataset`, as trainers take it; no file is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast, get_args

from icon.errors import ConfigError
from icon.results import wording
from icon.results.export import trl
from icon.results.export._columns import data_set
from icon.results.export._job import Job
from icon.results.export._source import RunSource
from icon.runs.kept import Which

if TYPE_CHECKING:
    from datasets import Dataset

ROWS: dict[str, Callable[[Job], Iterator[dict[str, Any]]]] = {
    "trl": trl.messages,
    "trl-prompt-completion": trl.turns,
    "trl-text": trl.texts,
}
"""Formats whose rows are made of the records."""

OWN = "own"
"""The records with their own columns and types."""


def in_memory(source: RunSource, to: str, which: str) -> tuple[Dataset, Job]:
    """The records in a format, and the job that says what was left out and what to know.

    Args:
        source: The run.
        to: "trl", "trl-prompt-completion", "trl-text" or "own".
        which: "selected", "dropped" or "all".

    Raises:
        ConfigError: The format or `which` is unknown.
        InputError: None of the records can be given in this format.
    """
    import datasets

    if to != OWN and to not in ROWS:
        raise ConfigError(f"to: found {to!r}; valid: {', '.join((*ROWS, OWN))}; for others: icon.export")
    if which not in get_args(Which):
        raise ConfigError(f"which: found {which!r}; valid: {', '.join(get_args(Which))}")
    job = Job(source, cast(Which, which))
    source.refuse_which(job.which)
    if said := wording.partial(source.manifest):
        job.notes.append(said)
    if to == OWN:
        return data_set(job), job
    return datasets.Dataset.from_list(list(ROWS[to](job))), job
