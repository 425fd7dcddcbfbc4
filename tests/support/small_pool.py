"""A pool and tasks of a few words, for runs without a model."""

from __future__ import annotations

import json
from pathlib import Path


def write_small_pool(folder: Path) -> None:
    """Write `pool.jsonl` with 12 records, whose answers are of 1 to 7 words, and `tasks.jsonl` with one."""
    rows = [{"instruction": f"question {n}", "output": "word " * (n % 7 + 1)} for n in range(12)]
    (folder / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "tasks.jsonl").write_text('{"instruction": "a task", "output": "done"}\n')
