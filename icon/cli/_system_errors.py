"""What the operating system refuses about a file, as a sentence; the last resort where no module expected it."""

from __future__ import annotations

import errno

from icon.errors import ConfigError, IconError, RunError
from icon.visible import visible_line

NAMED_WRONGLY = {
    errno.ENAMETOOLONG: "no file can have a name of that length; valid: at most 255 bytes per name and 4,095 per path",
    errno.ELOOP: "its links lead in a circle; valid: a path that ends at a file or a folder",
    errno.ENOTDIR: "a part of this path is a file; valid: a path through folders",
    errno.EISDIR: "is a folder; valid: a file",
    errno.EINVAL: "the system takes no such name here; valid: another name",
}
"""Faults of the path that was given."""

SHOWN = 80
"""Characters of a path that are shown from its beginning and from its end."""


def of_system(error: OSError | RuntimeError) -> IconError | None:
    """The error as one of icon's; None where it is about no file, so that no path was wrong.

    Before Python 3.13 pathlib raises a RuntimeError for a circle of links.
    """
    cause = error if isinstance(error, OSError) else error.__context__
    if not isinstance(cause, OSError) or cause.filename is None or cause.errno is None:
        return None
    if cause is not error and cause.errno != errno.ELOOP:
        return None
    path = _shortened(cause.filename)
    if cause.errno in NAMED_WRONGLY:
        return ConfigError(f"{path}: {NAMED_WRONGLY[cause.errno]}")
    return RunError(
        f"{path}: {cause.strerror}. What is finished is kept; put that right, then give the same command again"
    )


def _shortened(path: object) -> str:
    text = visible_line(path.decode("utf-8", "replace") if isinstance(path, bytes) else str(path))
    return text if len(text) <= 3 * SHOWN else f"{text[:SHOWN]}…{text[-SHOWN:]} ({len(text):,} characters)"
