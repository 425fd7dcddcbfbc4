"""A run that was stopped before anything was selected has one answer, with the command that goes on with it."""

from __future__ import annotations

import json

import pytest

import icon
from icon.errors import WrongRunError


@pytest.fixture
def stopped(prepare, tmp_path):
    """A run that Ctrl-C ended behind its first stage."""
    for name, n in (("pool", 20), ("tasks", 4)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i}"} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    opened = prepare(str(tmp_path / "pool.jsonl"), str(tmp_path / "tasks.jsonl"), tmp_path / "run", keep=4)
    opened.assess()
    opened.run.note(status="interrupted")
    opened.run.save()


ANSWER = "run: the run was stopped before anything was selected. To go on: icon run --config run/run.json --out run"


@pytest.mark.parametrize(
    "words",
    [
        ["export", "run", "--to", "trl"],
        ["compare", "run", "run"],
        ["explain", "run", "3"],
        ["report", "run"],
        ["select", "run"],
    ],
    ids=lambda words: words[0],
)
def test_whatever_is_asked_of_it(with_fake_backend, stopped, words):
    done = with_fake_backend(*words, code=2)
    assert ANSWER in " ".join(done.stderr.split())


def test_python_says_the_same_and_the_command_runs_as_it_is_printed(with_fake_backend, stopped, tmp_path):
    with pytest.raises(WrongRunError, match=r"To go on: icon run --config .*/run.json --out .*/run$"):
        icon.load_run(tmp_path / "run").selected()
    with_fake_backend(*ANSWER.partition("icon ")[2].split(), code=0)
    with_fake_backend("explain", "run", "3", "--no-tokens", code=0)
