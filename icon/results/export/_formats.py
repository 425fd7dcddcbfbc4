"""The formats by name, in the order of listings, and one export from beginning to end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_args

from icon._near import did_you_mean
from icon.errors import ConfigError
from icon.results import wording
from icon.results.export._job import Exported, Format, Job, LeftOut
from icon.results.export._source import RunSource
from icon.results.export.axolotl import AXOLOTL, AXOLOTL_ALPACA
from icon.results.export.csv import CSV
from icon.results.export.datasets import DATASETS, HUB, PARQUET
from icon.results.export.llamafactory import LLAMAFACTORY
from icon.results.export.ms_swift import MS_SWIFT
from icon.results.export.own import OWN
from icon.results.export.trl import TRL, TRL_PROMPT_COMPLETION, TRL_TEXT
from icon.runs.kept import Which

_IN_ORDER = (
    *(OWN, LLAMAFACTORY, TRL, TRL_PROMPT_COMPLETION, TRL_TEXT, AXOLOTL, AXOLOTL_ALPACA, MS_SWIFT),
    *(PARQUET, DATASETS, HUB, CSV),
)


FORMATS: dict[str, Format] = {found.name: found for found in _IN_ORDER}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        ConfigError: There is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    raise ConfigError(f"--to: found {name!r}; valid: {', '.join(FORMATS)}.{did_you_mean(name, FORMATS)}")


def export(
    source: RunSource, to: str, *, out: Path | None = None, which: str | None = None, **options: Any
) -> Exported:
    """Write a run in a format.

    Args:
        source: The run.
        to: Name of the format.
        out: File or folder to write; None for a place in the run directory.
        which: "selected", "dropped" or "all"; None for what the format is for.
        **options: `force`, `full`, `repo`, `private`, as in `Job`.

    Returns:
        What was written and left out, and what the user should know.

    Raises:
        ConfigError: The format is unknown, an option has no meaning for it, or the target exists.
        InputError: None of the records can be written in this format.
        RunError: The files of the run were changed, or something cannot be written.
    """
    format = find_format(to)
    _refuse_idle(format, {"out": out, **options})
    if which is not None and which not in get_args(Which):
        raise ConfigError(f"--which: found {which!r}; valid: {', '.join(get_args(Which))}")
    job = Job(source, cast(Which, which or format.which), format.which, out, **options)
    if not format.of_decisions:
        source.refuse_which(job.which)
    if said := wording.partial(source.manifest):
        job.notes.append(said)
    count = format.write(job)
    return Exported(
        run=str(source.directory.path),
        format=format.name,
        which=job.which,
        records=count,
        files=tuple(job.files),
        left_out=tuple(LeftOut(row=row, reason=reason) for row, reason in sorted(job.left_out.items())),
        notes=tuple(job.notes),
        next=tuple(job.following),
    )


def _refuse_idle(format: Format, options: dict[str, Any]) -> None:
    for name, value in options.items():
        if value and name not in ("force", *format.takes):
            raise ConfigError(f"--{name}: means nothing to --to {format.name}; valid beside it: {_valid(format)}")


def _valid(format: Format) -> str:
    return ", ".join(f"--{name}" for name in ("which", "force", *format.takes))
