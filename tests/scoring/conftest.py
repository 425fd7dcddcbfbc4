"""What the tests of races on the run directory share: a pool whose candidates differ, and a set long enough to race."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from icon.contribution import plan
from icon.scoring import rounds

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch"]
"""What tasks ask for; a candidate that shows more of them predicts the tasks better with the fake backend."""
N_TASKS, N_CANDIDATES = 34, 36


def _write(path: Path, records: list[dict[str, str]]) -> str:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


def _candidate(i: int) -> dict[str, str]:
    shown = WORDS[: i % 12] if i < 12 else random.Random(i).sample(WORDS, i % 5)
    return {"instruction": f"question number {i}", "output": " ".join([f"answer {i} of {i * 7}", *shown])}


def _task(i: int) -> dict[str, str]:
    asked = random.Random(1000 + i).sample(WORDS, 6)
    return {"instruction": f"task {i} alpha", "output": " ".join(asked), "group": "ab"[i % 2]}


@pytest.fixture
def pool(tmp_path: Path) -> str:
    """A file of 36 candidates, twelve of which show 0 to 11 of the words, the others few."""
    return _write(tmp_path / "pool.jsonl", [_candidate(i) for i in range(N_CANDIDATES)])


@pytest.fixture
def tasks(tmp_path: Path) -> str:
    """A file of 34 target tasks in two groups."""
    return _write(tmp_path / "tasks.jsonl", [_task(i) for i in range(N_TASKS)])


@pytest.fixture
def few_tasks(tmp_path: Path) -> str:
    """A file of 31 target tasks: one fewer than are raced unless asked for."""
    return _write(tmp_path / "few.jsonl", [_task(i) for i in range(31)])


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few candidates, so that a slice has many."""
    monkeypatch.setattr(plan, "TOKENS_A_PART", 900)
    monkeypatch.setattr(rounds, "BUDGET_TOKENS_A_PART", 900)


@pytest.fixture
def pairs_in():
    """Gives the stored measurements of a run's scorer by candidate and assessment sample, read without icon."""

    def _pairs(folder):
        found = {}
        for path in sorted(Path(folder, "contributions").glob("**/part-0*.parquet")):
            if path.parent.name in ("length", "random"):
                continue
            for row in pq.read_table(path).to_pylist():
                assert (row["candidate"], row["assessment"]) not in found, "measured twice"
                found[row["candidate"], row["assessment"]] = row
        return found

    return _pairs
