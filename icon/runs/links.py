"""Folders of a run that are links out of it: nothing is read or written there unless the user allowed that link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from icon import trust
from icon.errors import ConfigError

FOLDERS = ("contributions", "validation")
"""Folders that icon makes in a run directory; `icon export` looks at its own."""


def refuse_links(run: Path) -> None:
    """Refuse a run whose folders lead elsewhere, as one from elsewhere may, so that icon would write there.

    Args:
        run: The run directory; it may be a link itself, and need not exist.

    Raises:
        ConfigError: One of its folders is a link out of it, which the user did not allow.
    """
    for link in _linked_folders(run):
        target = link.resolve()
        if target.is_relative_to(run.resolve()):
            continue
        digest = sha256(f"link {link.absolute()} to {target}".encode("utf-8", "surrogateescape")).hexdigest()
        if not trust.allows(str(link), digest):
            raise ConfigError(
                f"{link}: found a link to {target}, which is outside of the run directory; valid: a folder. Nothing is "
                f"written there unless you allow it: if the link is yours, add --trust {link} (once; it is remembered)"
            )


def _linked_folders(run: Path) -> Iterator[Path]:
    """The links among the folders that icon makes in a run directory, at any depth, that are no files."""
    for folder in (run / name for name in FOLDERS):
        if folder.is_symlink():
            yield folder
            continue
        for place, names, _ in os.walk(folder):  # it follows no links
            yield from (Path(place, name) for name in sorted(names) if Path(place, name).is_symlink())
