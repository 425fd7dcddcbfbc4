"""What the tests of plans share: texts that have nothing in common, and a backend that counts what it reads."""

from __future__ import annotations

import json
import random

import pytest

from icon.pipeline.plan import plan
from icon.testing import FakeBackend

N_CANDIDATES, N_TASKS = 24, 34


class Counting(FakeBackend):
    """Counts the targets that are scored; no two texts below begin alike, so nothing is read only once for several."""

    passes = 0

    def score(self, context, targets):
        self.passes += len(targets)
        return super().score(context, targets)

    @property
    def read(self):
        """Tokens without the last one of each response, from which nothing is predicted."""
        return self.tokens_evaluated - self.passes


def _write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


def _words(name):
    """Two to eight words that no other text has."""
    draw = random.Random(name)
    return " ".join(f"{name}{draw.randrange(10**6)}" for _ in range(draw.randint(2, 8)))


@pytest.fixture
def pool(tmp_path):
    return _write(
        tmp_path / "pool.jsonl",
        [{"instruction": _words(f"p{i}x"), "output": _words(f"q{i}x")} for i in range(N_CANDIDATES)],
    )


@pytest.fixture
def tasks(tmp_path):
    return _write(
        tmp_path / "tasks.jsonl", [{"instruction": f"t{i}", "output": _words(f"u{i}x")} for i in range(N_TASKS)]
    )


@pytest.fixture
def counting():
    """The backend that counts."""
    return Counting


@pytest.fixture
def planned(prepare, pool, tasks, tmp_path):
    """Plans a run with these settings and the fake backend, in a twentieth of a second."""

    def _planned(*hooks, make=Counting, source=pool, **settings):
        given = {"template": "plain", "baselines": (), **settings}
        opened = prepare(source, tasks, tmp_path / "run", *hooks, make=make, **given)
        return plan(opened.run, opened.model, seconds=0.05).model_dump(mode="json")

    return _planned


@pytest.fixture
def really(start, pool, tasks, tmp_path):
    """Runs with these settings; the backend, which has counted."""

    def _really(**settings):
        backend = Counting()
        given = {"template": "plain", "baselines": (), **settings}
        start(pool, tasks, tmp_path / "real", make=lambda: backend, **given)
        return backend

    return _really
