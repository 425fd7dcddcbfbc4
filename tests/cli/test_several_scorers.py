"""`icon score --scorer` and `icon compare RUN` as typed: scorers join a run and are compared with each other."""

import json
from functools import partial

import pytest


@pytest.fixture
def command(command_line):
    """A terminal of the usual width."""
    return partial(command_line, columns=100)


@pytest.fixture
def run(command, tmp_path):
    """A finished run that needs no model: 20 responses of 1 to 20 words, scored by their length alone."""
    rows = [{"instruction": f"question {i}", "output": " ".join(["word"] * (i + 1))} for i in range(20)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    options = (
        "--scorer",
        "length",
        "--baseline",
        "length",
        "--selector",
        "top",
        "--no-report",
        "--out",
        "run",
        "--keep",
        "5",
    )
    command("run", "pool.jsonl", *options, "--json", code=0)
    return tmp_path


def test_a_single_scorer_has_nothing_to_be_compared_with_and_the_error_says_how_to_add_one(command, run):
    done = command("compare", "run", code=2)
    assert "scores of length alone" in done.stderr
    assert "icon score RUN --scorer NAME" in done.stderr


def test_a_scorer_that_joins_is_in_the_tables_after_select(command, run):
    done = command("score", "run", "--scorer", "length", "--scorer", "random", code=0)
    assert "next: icon select run" in done.stdout
    early = command("compare", "run")
    assert (early.returncode, "Next: icon select run" in early.stderr) == (2, True), early.stderr
    assert command("select", "run").returncode == 0
    found = json.loads(command("compare", "run", "--json").stdout)
    assert (found["names"], found["candidates"], found["top"]) == (["length", "random"], 20, 5)
    table = command("compare", "run").stdout
    value = found["pairs"][0]["spearman"]["value"]
    assert f"{value:+.2f}" in table
    assert f"{found['pairs'][0]['overlap']:.0%}" in table
    assert "overlap of the top 5 of 20 (25% by chance)" in table


def test_several_runs_are_distinguished_by_letters(command, run):
    options = (
        "--scorer",
        "random",
        "--baseline",
        "random",
        "--selector",
        "top",
        "--no-report",
        "--keep",
        "5",
        "--json",
    )
    names = [f"a-run-with-a-long-name-{seed}" for seed in (1, 2)]
    for seed, name in enumerate(names):
        assert command("run", "pool.jsonl", *options, "--seed", seed, "--out", name).returncode == 0
    done = command("compare", "run", *names, code=0)
    assert [line.split() for line in done.stdout.splitlines()[:3]] == [["A", "run"], ["B", names[0]], ["C", names[1]]]
    assert done.stdout.splitlines()[3].split() == ["A", "B", "C"]
    assert command("compare", "run", "run", names[0]).returncode == 2


def test_an_unknown_scorer_is_refused_with_near_names(command, run):
    done = command("score", "run", "--scorer", "randon", code=2)
    assert "Did you mean random" in done.stderr
