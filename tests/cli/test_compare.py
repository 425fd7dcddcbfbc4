"""`icon compare` on finished run directories: a table for people, JSON for programs, and clear refusals."""

import json
from functools import partial

import pytest

import icon
from icon.testing import FakeBackend
from support.sealed import seal


@pytest.fixture
def compare(command_line):
    """`icon compare` on a wide terminal."""
    return partial(command_line, "compare", columns=300)


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


def pool_of(path, numbers):
    rows = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words"} for i in numbers]
    return write(path, rows)


@pytest.fixture
def tasks(tmp_path):
    rows = [
        {"instruction": f"task {i} alpha", "output": f"done {i}", "group": ("[red]a[/]", "b\x1b[31m")[i % 2]}
        for i in range(4)
    ]
    return write(tmp_path / "tasks.jsonl", rows)


def run(name, pool, tasks, **settings):
    """A finished run made with the fake backend, in the folder of its pool."""
    return icon.run(
        pool, backend=FakeBackend(), assessment=tasks, out=pool.parent / name, keep=0.2, **settings, report=False
    )


def test_what_it_prints_is_what_the_python_side_gives(compare, tmp_path, tasks):
    pool = pool_of(tmp_path / "pool.jsonl", range(20))
    one, two = (
        run("one", pool, tasks),
        run("two", pool, tasks, scorer="icon", scorer_options={"control": "none"}, seed=7),
    )
    done = compare("one", "two", "--json", code=0)
    found = json.loads(done.stdout)
    expected = icon.compare(one, str(two.path))
    assert (found.pop("a"), found.pop("b")) == ("one", "two")
    assert found == json.loads(json.dumps({key: value for key, value in expected.items() if key not in ("a", "b")}))
    assert found["scored"] == {"a": 20, "b": 20, "both": 20}
    names = {each["name"]: (each["a"], each["b"]) for each in found["settings"]}
    assert names["scorer_options.control"] == (None, "none")
    assert names["seed"] == (42, 7)


def test_people_see_the_figures_the_differences_and_the_warning_about_other_pools(compare, tmp_path, tasks):
    run("one", pool_of(tmp_path / "pool.jsonl", range(20)), tasks, scorer="icon")
    run("two", pool_of(tmp_path / "other.jsonl", range(5, 25)), tasks, scorer="icon")
    done = compare("one", "two", code=0)
    lines = done.stdout.splitlines()
    assert any(line.startswith("note: the pools differ") for line in lines)
    assert any("15 in both, 5 only in A, 5 only in B" in line for line in lines)
    assert any("rank correlation +1.000 over 15" in line for line in lines)  # the same texts score the same
    assert any(line.split() == ["10%", "2", "2", "100%", "13%"] for line in lines)
    assert any(line.startswith("pool ") and "other.jsonl" in line for line in lines)
    assert "top 15% (2) captures 100% of the gain" in done.stdout


def test_where_ids_decide_between_equal_scores_it_is_said_what_draws_would_give(compare, tmp_path):
    """On one task a share of votes is 0 or 1: more than the best tenth of 20 have the same."""
    pool = pool_of(tmp_path / "pool.jsonl", range(20))
    one_task = write(tmp_path / "one.jsonl", [{"instruction": "task", "output": "done"}])
    path = run("tied", pool, one_task, scorer="nuggets", schedule="exact").path
    done = compare(path, path, code=0)
    (head,) = (line for line in done.stdout.splitlines() if line.startswith("top "))
    assert "equal scores drawn" in head
    found = json.loads(compare(path, path, "--json", code=0).stdout)["overlap"][1]
    assert found["overlap"] == 1 > found["drawn"]
    in_all = compare(run("all", pool, one_task, scorer="length").path, path, code=0).stdout
    assert "equal scores drawn" in in_all  # scores of the second tie, of the first none
    of_one = compare(path, code=0).stdout
    assert "nuggets and length: ids decide between equal scores at the cut; with draws instead the overlap" in of_one


def test_names_from_data_are_printed_as_text(compare, tmp_path, tasks):
    pool = pool_of(tmp_path / "pool.jsonl", range(10))
    run("one", pool, tasks)
    done = compare("one", "one", code=0)
    assert "[red]a[/]" in done.stdout
    assert "\x1b" not in done.stdout


def test_two_candidates_in_common_have_no_correlation_and_say_why(compare, tmp_path, tasks):
    run("one", pool_of(tmp_path / "pool.jsonl", range(10)), tasks)
    run("two", pool_of(tmp_path / "other.jsonl", range(8, 15)), tasks)
    done = compare("one", "two", code=0)
    assert "no rank correlation: 2 in common, at least 3 are needed" in done.stdout
    assert "nan" not in done.stdout.lower()


def test_nothing_in_common_ends_with_2(compare, tmp_path, tasks):
    run("one", pool_of(tmp_path / "pool.jsonl", range(5)), tasks)
    run("two", pool_of(tmp_path / "other.jsonl", range(5, 10)), tasks)
    done = compare("one", "two", code=2)
    assert "no candidate is scored in both" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_finished_run_is_refused_in_words(compare, tmp_path, tasks):
    found = run("one", pool_of(tmp_path / "pool.jsonl", range(5)), tasks)
    done = compare("one", "nowhere", code=2)
    assert "run.json" in done.stderr
    table = found.path / "scores.parquet"
    table.write_bytes(table.read_bytes()[:100])
    done = compare("one", "one", code=1)
    assert "scores.parquet" in done.stderr
    seal(found.path, status="interrupted", results=None)
    done = compare("one", "one", code=2)
    assert "the run was stopped before anything was selected. To go on: icon run" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_that_was_stopped_with_a_selection_is_compared_as_partial(compare, tmp_path, tasks):
    pool = pool_of(tmp_path / "pool.jsonl", range(10))
    run("whole", pool, tasks)
    seal(run("stopped", pool, tasks).path, status="interrupted")
    done = compare("whole", "stopped", code=0)
    assert "stopped: partial: the run was stopped" in done.stdout
    assert "whole: partial" not in done.stdout
