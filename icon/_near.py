"""Names that are near a mistyped one: the one place that says "Did you mean ...?"."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

MOST = 2
"""How many near names are named."""

LONGEST = 100
"""Characters of a name that are compared; the time of a comparison grows with their square."""

COMPARED = 5000
"""How many valid names are compared letter by letter; of more, only those with the same beginning are looked at."""


def near(name: str, known: Iterable[str], most: int = MOST) -> list[str]:
    """The valid names that are most like a mistyped one, the nearest first.

    Case, and whether words are joined by '-', '_' or a blank, make no difference.

    Args:
        name: What was typed.
        known: The valid names.
        most: How many at most.
    """
    names = list(dict.fromkeys(known))
    if len(names) > COMPARED:
        names = [one for one in names if one[:1].casefold() == name[:1].casefold()][:COMPARED]
    alike: dict[str, str] = {}
    for one in names:
        alike.setdefault(_plain(one), one)
    return [alike[found] for found in difflib.get_close_matches(_plain(name), alike, n=most)]


def did_you_mean(name: str, known: Iterable[str], before: str = "") -> str:
    """A sentence, with a blank in front, that names near names; empty where none is near.

    Args:
        name: What was typed.
        known: The valid names.
        before: What is put before each name, such as `--`.
    """
    found = near(name, known)
    return f" Did you mean {' or '.join(before + one for one in found)}?" if found else ""


def near_file(path: str | Path, also: Iterable[str] = ()) -> str:
    """A sentence, with a blank in front, that names files or folders whose names are near that of a missing one.

    Args:
        path: What is not there.
        also: Further names that would be valid in its place.
    """
    wanted = Path(path)
    try:
        names = [entry.name for entry in islice(os.scandir(wanted.parent), COMPARED) if entry.name[:1] != "."]
    except (OSError, ValueError):  # no folder, or no name that a folder can have
        names = []
    before = "" if str(wanted.parent) == "." else f"{wanted.parent}/"
    if meant := did_you_mean(wanted.name, names, before):
        return meant
    return did_you_mean(str(path), also)


def _plain(name: str) -> str:
    return name[:LONGEST].casefold().replace("-", "_").replace(" ", "_")
