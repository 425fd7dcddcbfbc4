"""Files that settings name: what is in them decides numbers, so a run holds their digests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icon.samples.records import source_digest
from icon.session import Session


def hold_files(session: Session, name: str, options: Mapping[str, Any]) -> None:
    """Note the digests of the files that these options name in run.json, or refuse them where they changed.

    Args:
        session: The run.
        name: What the options are of: the name under which run.json has them.
        options: Option values; those that are paths of files count.

    Raises:
        ConfigError: An earlier start of this run read other files, or others by the same names.
    """
    named = [Path(value).expanduser() for value in options.values() if isinstance(value, str)]
    files = [str(path) for path in named if path.is_file()]
    if files or name in session.manifest.inputs:
        session.hold(name, {path: source_digest(path) for path in files})
