"""Whether something can be written at a place, said before anything is computed for it."""

from __future__ import annotations

import os
from pathlib import Path

from icon.errors import ConfigError


def refuse_place(path: Path, what: str) -> None:
    """Refuse a place whose folder is a file, or may not be written or made.

    Args:
        path: The folder that is to be there.
        what: What the user gave, for the message.

    Raises:
        ConfigError: Nothing can be written there.
    """
    nearest = next(each for each in (path, *path.resolve().parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        found = "is not writable" if nearest.is_dir() else "is a file"
        raise ConfigError(f"{what}: {nearest} {found}; valid: a folder that can be made or written")
