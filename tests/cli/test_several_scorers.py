"""`icon score --scorer` and `icon compare RUN` as typed: scorers join a run and are compared with each other."""

import json
from functools import partial

import pytest

import icon


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
    said = done.stderr.partition("To measure another: ")[2].strip()
    assert said == "icon score run --scorer random && icon select run"
    for words in said.split(" && "):
        command(*words.split()[1:], code=0)
    command("compare", "run", code=0)


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
    assert "overlap of the top 5 of 20 (--keep 5, as it is selected now), 25% by chance" in table


def test_the_top_that_scorers_are_compared_by_is_what_is_selected_now(command, run):
    command("score", "run", "--scorer", "random", code=0)
    command("select", "run", "--keep", "40%", code=0)
    found = json.loads(command("compare", "run", "--json", code=0).stdout)
    assert (found["top"], found["keep"], found["expected"]) == (8, "40%", 0.4)
    in_python = icon.load_run(run / "run").compare()
    assert (in_python["top"], in_python["keep"]) == (8, "40%")
    said = command("compare", "run", code=0).stdout
    assert "overlap of the top 8 of 20 (--keep 40%, as it is selected now), 40% by chance" in said


def test_of_several_runs_the_top_is_what_the_first_selects_now(command, run):
    more = ("--scorer", "length", "--selector", "top", "--no-report", "--json")
    for name in ("b", "c"):
        command("run", "pool.jsonl", *more, "--keep", "5", "--seed", "9", "--out", name, code=0)
    command("select", "b", "--keep", "10", code=0)
    found = json.loads(command("compare", "b", "run", "c", "--json", code=0).stdout)
    assert (found["top"], found["keep"]) == (10, "10")
    assert "(--keep 10, as b selects now)" in command("compare", "b", "run", "c", code=0).stdout


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
