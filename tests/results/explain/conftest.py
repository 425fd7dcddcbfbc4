"""What the tests of explanations share: a pool whose candidates differ, and tasks of several lengths."""

from __future__ import annotations

import json
import random

import pytest

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty"]
N_CANDIDATES = 16


def _write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def _candidate(i):
    shown = random.Random(i).sample(WORDS, i % 6)
    return {"instruction": f"question number {i}" + " more" * (3 * i), "output": " ".join([f"answer {i}", *shown])}


def _task(i):
    asked = random.Random(1000 + i).sample(WORDS, 2 + i % 5)
    return {"instruction": f"task {i} alpha", "output": " ".join(asked), "group": "ab"[i % 2]}


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """The folder of the files below, which no test changes."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def pool(data):
    """16 candidates of 11 to 60 tokens, a duplicate of the first as row 16, and row 17, which is bad."""
    records = [_candidate(i) for i in range(N_CANDIDATES)]
    return _write(data / "pool.jsonl", [*records, records[0], {"instruction": "?", "output": 5}])


@pytest.fixture(scope="session")
def tasks(data):
    """Six target tasks in two groups."""
    return _write(data / "tasks.jsonl", [_task(i) for i in range(6)])


@pytest.fixture(scope="session")
def many_tasks(data):
    """34 target tasks: enough for a race."""
    return _write(data / "many.jsonl", [_task(i) for i in range(34)])
