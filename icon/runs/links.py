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
        target = Path(os.path.realpath(link))
        if target.is_relative_to(os.path.realpath(run)):
            continue
        digest = sha256(f"link {link.absolute()} to {target}".encode("utf-8", "surrogateescape")).hexdigest()
        if not trust.allows(str(link), digest):
            raise ConfigError(
                f"{link}: found a link to {target}, which is outside of the run directory; valid: a folder. Nothing is "
                f"written there unless you allow it: if the link is yours, add --trust {link} (once; it is remembered)"
            )


def _linked_folders(run: Path) -> Iterator[Path]:
    """The links among the folders that icon makes in a run directory, at any depth, that are no files.

    A link within the run is followed, since there may be one to elsewhere behind it.
    """
    whole, seen = os.path.realpath(run), set[str]()
    left = [run / name for name in reversed(FOLDERS)]
    while left:
        folder = left.pop()
        real = os.path.realpath(folder)
        if folder.is_symlink():
            yield folder
        if real not in seen and Path(real).is_relative_to(whole):
            seen.add(real)
            left += _folders(folder)


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder and the links that are no files, last first; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() or (entry.is_symlink() and not entry.is_file())]
    except OSError:
        return []
    return [folder / name for name in sorted(names, reverse=True)]
