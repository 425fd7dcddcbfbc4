"""Results as JSON files that are complete or absent, each with the settings that decided it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icon.errors import ConfigError, RunError

Json = dict[str, Any]


def write(path: Path, settings: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Write a result under a temporary name, synced, and rename it."""
    text = json.dumps({"settings": settings, **values}, indent=1, ensure_ascii=False, default=str)
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file so that it is complete or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with made.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)


def read(path: Path) -> Json | None:
    """A result, or None where it is not there yet.

    Raises:
        RunError: The file is not JSON.
    """
    try:
        found: Json = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise RunError(f"{path}: cannot be read ({error}); delete it, and the same command makes it again") from None
    return found


def done(path: Path, settings: Mapping[str, object]) -> bool:
    """Whether this result is there, with these settings.

    Raises:
        ConfigError: It is there with other settings.
    """
    found = read(path)
    if found is None:
        return False
    now = json.loads(json.dumps(settings, default=str))
    before = found["settings"]
    differing = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if differing:
        lines = [f"  {name}: {before.get(name)!r} there, {now.get(name)!r} now" for name in sorted(differing)]
        advice = "Use another --work, or delete the file to make it again:"
        raise ConfigError("\n".join([f"{path}: was made with other settings. {advice}", *lines]))
    return True


def read_lines(path: Path) -> list[Json]:
    """The complete lines of a file that is appended to; a torn last line is left out, and made again."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            found.append(json.loads(line))
    return found


def append_lines(path: Path, rows: list[Json], kept: int) -> None:
    """Append rows behind the first `kept` complete lines, and sync.

    Raises:
        RunError: The file has fewer lines than that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    lines = before.splitlines(keepends=True)
    if len(lines) < kept:
        raise RunError(f"{path}: has {len(lines)} lines and had {kept}; delete it, and it is made again")
    with path.open("r+b" if before else "wb") as file:
        file.truncate(sum(len(line) for line in lines[:kept]))
        file.seek(0, os.SEEK_END)
        for row in rows:
            file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())
