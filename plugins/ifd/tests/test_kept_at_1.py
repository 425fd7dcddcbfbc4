"""A run that keeps candidates whose ratio is 1 or more says how many, in run.json and on the terminal."""

import json

import pytest

from support.command_line import CommandLine

PLUGIN = """
from icon.plugins import Strategy, hookimpl
from icon.testing import FakeBackend


@hookimpl
def icon_backends():
    return [Strategy("fake", "no model at all", lambda options: FakeBackend())]
"""


@pytest.mark.parametrize("scorer", ["ifd", "superfiltering"])
def test_how_many_of_the_kept_have_a_ratio_of_1_or_more_is_said(tmp_path, scorer):
    pytest.importorskip(f"icon_{scorer}", reason="the plugin is not installed")
    command_line = CommandLine(tmp_path)
    (tmp_path / "fake.py").write_text(PLUGIN)
    words = ["amber birch cedar", "delta ember", "fjord grove heron islet"]
    rows = [  # half of the responses repeat their prompt, which helps; the others have nothing to do with it
        {
            "instruction": f"{words[n % 3]} {n}",
            "output": f"{words[n % 3]} {n}" if n % 2 else f"other things {n * 7} " * 3,
        }
        for n in range(12)
    ]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = [
        "pool.jsonl",
        "--plugin",
        "fake.py",
        "--backend",
        "fake",
        "--scorer",
        scorer,
        "--no-report",
        "--out",
        "mine",
    ]
    done = command_line("run", *given, "--keep", "12", code=0)
    run = json.loads((tmp_path / "mine/run.json").read_text())
    (told,) = [each for each in run["warnings"]["select"] if each.startswith("ratio of 1 or more")]
    dropped = [json.loads(line) for line in (tmp_path / "mine/dropped.jsonl").read_text().splitlines()]
    assert dropped == []
    scores = _scores(tmp_path / "mine")
    unhelped = sum(score <= -1 for score in scores)
    assert 0 < unhelped < 12
    assert told.startswith(f"ratio of 1 or more: {unhelped} of the 12 kept candidates.")
    closing = " ".join(done.stdout.split())
    assert f"note: ratio of 1 or more: {unhelped} of the 12 kept candidates" in closing
    assert "the notes in full: mine/run.json" in closing  # the rest of it
    command_line("select", "mine", "--keep", 12 - unhelped, code=0)
    run = json.loads((tmp_path / "mine/run.json").read_text())
    assert not [each for each in run["warnings"]["select"] if each.startswith("ratio of 1")]


def _scores(run):
    import pyarrow.parquet as pq

    return pq.read_table(run / "scores.parquet")["score"].to_pylist()
