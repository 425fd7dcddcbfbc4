"""What the tests of races on the run directory share: a pool whose candidates differ, and a set long enough to race."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import icon
from icon.pipeline import _raced, measuring
from icon.testing import FakeBackend

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


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the files below, which no test changes."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def pool(data: Path) -> str:
    """A file of 36 candidates, twelve of which show 0 to 11 of the words, the others few."""
    return _write(data / "pool.jsonl", [_candidate(i) for i in range(N_CANDIDATES)])


@pytest.fixture(scope="session")
def tasks(data: Path) -> str:
    """A file of 34 target tasks in two groups."""
    return _write(data / "tasks.jsonl", [_task(i) for i in range(N_TASKS)])


@pytest.fixture(scope="session")
def few_tasks(data: Path) -> str:
    """A file of 31 target tasks: one fewer than are raced unless asked for."""
    return _write(data / "few.jsonl", [_task(i) for i in range(31)])


@pytest.fixture(scope="session")
def runs_made() -> dict[Any, Path]:
    """Finished runs by what they were made with."""
    return {}


@pytest.fixture
def whole(
    start: Callable[..., Any],
    pool: str,
    tasks: str,
    runs_made: dict[Any, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Path]:
    """Gives the folder of a run on `tasks` that went to its end, made once by its settings; it is only read."""

    def _whole(**settings: Any) -> Path:
        key = json.dumps(settings, sort_keys=True), measuring.TOKENS_PER_PART
        if key not in runs_made:
            folder = tmp_path_factory.mktemp("whole") / "run"
            start(pool, tasks, folder, **settings)
            runs_made[key] = folder
        return runs_made[key]

    return _whole


@pytest.fixture
def copied(whole: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Gives a copy of such a run, in the folder `run` of the test, to go on with or to damage."""
    return lambda **settings: shutil.copytree(whole(**settings), tmp_path / "run")


@pytest.fixture
def unfinished(pool: str, few_tasks: str, tmp_path: Path) -> Callable[[FakeBackend], Path]:
    """Makes a run with a backend, of which one part is still to be measured."""

    def make(backend: FakeBackend) -> Path:
        given = {"assessment": few_tasks, "keep": 0.2, "report": False}
        path: Path = icon.run(pool, backend=backend, out=tmp_path / "run", **given).path
        next((path / "contributions").glob("part-000000-*")).unlink()
        return path

    return make


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few candidates, so that a slice has many."""
    monkeypatch.setattr(measuring, "TOKENS_PER_PART", 900)
    monkeypatch.setattr(_raced, "BUDGET_TOKENS_PER_PART", 900)


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
