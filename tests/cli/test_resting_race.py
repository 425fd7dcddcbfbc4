"""A race with candidates at rest that falls short says so, and gives a command that does what was asked for."""

import json
import random
import shlex

import pytest

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch"]
SETTINGS = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--backend", "fake", "--no-report"]


@pytest.fixture
def at_rest(with_fake_backend, tmp_path):
    """Runs icon on 40 candidates and 36 tasks that have little to do with each other; what it prints, and run.json."""
    draw = random.Random(1)
    for name, n, many in (("pool", 40, 1), ("tasks", 36, 6)):
        records = [{"instruction": f"{name} {i}", "output": " ".join(draw.sample(WORDS, many))} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))

    def run(*words, out="run"):
        done = with_fake_backend(*words, cwd=tmp_path, columns=600)
        return done, json.loads((tmp_path / out / "run.json").read_text())

    return run


def test_a_race_that_falls_short_says_what_it_captured_of_what_was_asked_and_its_next_command_works(at_rest):
    done, data = at_rest(*SETTINGS, "--capture", "0.95", "--out", "run")
    race = data["results"]["race"]
    assert (race["ended"], race["asked"]) == ("samples", 0.95)
    assert data["results"]["standing"]["grounds"] != "all"
    assert (
        f"about {race['capture']:.0%} of what measuring every pair would gain, where 95% was asked for" in done.stdout
    )
    command = next(line for line in done.stdout.splitlines() if line.endswith("--capture 1 --out run-decided"))
    _, data = at_rest(*shlex.split(command.partition("icon ")[2]), out="run-decided")
    assert data["results"]["race"]["ended"] in ("decided", "measured")


def test_the_same_command_with_another_capture_says_why_it_has_no_effect(at_rest):
    at_rest(*SETTINGS, "--capture", "0.95", "--out", "run")
    done, data = at_rest(*SETTINGS, "--capture", "1", "--out", "run")
    assert data["results"]["race"]["ended"] == "samples"
    assert "capture 1: this race was begun with a capture of at most 0.95, with which candidates rest" in done.stdout
    assert "where 100% was asked for" in done.stdout
