"""Files that settings name: what is in them decides numbers, so a run holds their digests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from icon.runs.run import Run
from icon.samples.records import source_digest


def hold_files(run: Run, name: Literal["assessment", "scorer"], options: Mapping[str, object]) -> None:
    """Record the digests of the files that these options name, or refuse them where they changed.

    Args:
        run: The run.
        name: Whose options these are: the name under which run.json has the digests.
        options: Option values; those that are paths of files count.

    Raises:
        ConfigError: An earlier start of this run read other files, or others by the same names.
    """
    named = [Path(value).expanduser() for value in options.values() if isinstance(value, str)]
    files = [str(path) for path in named if path.is_file()]
    if files or getattr(run.manifest.inputs, name) is not None:
        run.hold(name, {path: source_digest(path) for path in files})
