"""Where too few assessment samples were measured, or none, the next command is printed and runs as it is."""

from __future__ import annotations

import json
import shlex

import pytest

SETTINGS = ("pool.jsonl", "--scorer", "icon", "--backend", "fake", "--no-report", "--out", "run")


def write(path, name, n):
    records = [{"instruction": f"{name} {i}", "output": f"say {name} {i * 7} {'so ' * (i % 9)}"} for i in range(n)]
    (path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def run(with_fake_backend, tmp_path):
    """Runs on a pool of 40; gives the printed next command and the whole text."""
    write(tmp_path, "pool", 40)

    def started(*words, code):
        done = with_fake_backend(*words, code=code, cwd=tmp_path, columns=200)
        commands = [line for line in done.stdout.splitlines() if line.startswith(("next: ", "or: "))]
        return [shlex.split(line.partition(": ")[2])[1:] for line in commands], " ".join(done.stdout.split())

    return started


EXACT = ("--schedule", "exact", "--subset", "20", "--selector", "auto")


def test_too_few_tasks_of_a_file_name_the_file_and_the_command_measures_on_those_that_are_added(run, tmp_path):
    write(tmp_path, "tasks", 3)
    (following,), said = run("run", *SETTINGS, *EXACT, "--assessment", "tasks.jsonl", code=3)
    assert "Not usable yet: more assessment samples are needed" in said
    assert "Add target tasks to tasks.jsonl: at least 16 in all." in said
    write(tmp_path, "tasks", 30)
    _, said = run(*following, code=None)
    assert "more assessment samples are needed" not in said
    assert json.loads((tmp_path / "run-more/run.json").read_text())["stages"]["assess"]["samples"] == 30


def test_too_few_tasks_of_the_pool_are_drawn_anew(run, tmp_path):
    (following,), _ = run("run", *SETTINGS, *EXACT, "--assessment-size", "3", code=3)
    run(*following, code=None)
    assert json.loads((tmp_path / "run-more/run.json").read_text())["stages"]["assess"]["samples"] == 16


def test_a_choice_by_length_without_an_assessment_set_has_the_command_that_makes_it_one_to_validate(run, tmp_path):
    (_, held), said = run("run", *SETTINGS, "--scorer", "length", "--selector", "top", code=0)
    assert "which --hold-out sets aside in a new run" in said
    run(*held, code=0)
    assert len((tmp_path / "run-held/held_out.jsonl").read_text().splitlines()) == 8
