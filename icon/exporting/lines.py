"""JSON Lines, written as they come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from icon.runs.atomic import atomic
from icon.runs.plain_json import to_json


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object a line, all or nothing; gives their number.

    Raises:
        RunError: The file cannot be written.
    """
    count = 0
    with atomic(path) as file:
        for record in records:
            file.write(to_json(record) + b"\n")
            count += 1
    return count
