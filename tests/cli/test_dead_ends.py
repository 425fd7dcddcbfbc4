"""After wrong input the corrected command works in the same place: nothing is in its way, and nothing is lost."""

from __future__ import annotations

import json

import pytest

SETTINGS = ["--assessment", "tasks.jsonl", "--backend", "fake", "--selector", "top", "--no-report", "--out", "run"]


@pytest.fixture
def files(tmp_path):
    """A pool of 30 records, half of them with a passage, which no task has."""
    rows = [{"instruction": f"q {i}", "output": f"a {i} word", "input": "passage" * (i % 2)} for i in range(30)]
    tasks = [{"instruction": f"task {i}", "output": f"done {i}"} for i in range(4)]
    for name, records in (("pool", rows), ("tasks", tasks), ("same", rows), ("passages", rows[1::2]), ("empty", [])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return tmp_path


def parts_of(folder):
    return sorted(path.name for path in folder.rglob("part-*"))


TYPOS = {
    "everywhere, and no task is rendered": ("{{ promt }}\n", "pool.jsonl", ["--scorer", "ppl"]),
    "in a branch that every candidate and no task takes": (
        "{% if input %}{{ inptu }}{% endif %}{{ instruction }}\n",
        "passages.jsonl",
        [],
    ),
}


@pytest.mark.parametrize("command", ["run", "assess"])
@pytest.mark.parametrize("typo", TYPOS)
def test_a_typo_in_a_template_is_found_before_anything_is_measured(with_fake_backend, files, command, typo):
    text, pool, more = TYPOS[typo]
    (files / "mine.jinja").write_text(text)
    call = [command, pool, *SETTINGS, *more, "--template", "mine.jinja"]
    done = with_fake_backend(*call, code=2)
    assert "mine.jinja, line 1: sample" in done.stderr
    assert "is undefined" in done.stderr
    assert not (files / "run").exists()
    (files / "mine.jinja").write_text("{{ instruction }}\n")
    with_fake_backend(*call, code=0)


def test_a_typo_that_some_candidates_meet_is_a_warning_before_the_first_pass(with_fake_backend, files):
    (files / "mine.jinja").write_text(TYPOS["in a branch that every candidate and no task takes"][0])
    done = with_fake_backend("run", "pool.jsonl", *SETTINGS, "--template", "mine.jinja", code=0)
    said = "mine.jinja cannot render 15 of 30 candidates, which get no score; the first: "
    assert said in " ".join(done.stdout.split())
    assert "'inptu' is undefined" in done.stdout


def test_a_template_that_was_fixed_before_anything_was_measured_is_taken(with_fake_backend, files):
    """Stage 1 alone reads the template, and stage 2 is refused for what is no matter of the template."""
    (files / "mine.jinja").write_text("{{ instruction }}!\n")
    with_fake_backend("assess", "pool.jsonl", *SETTINGS, "--template", "mine.jinja", code=0)
    (files / "mine.jinja").write_text("{{ instruction }}?\n")
    with_fake_backend("score", "run", code=0)
    (files / "mine.jinja").write_text("{{ instruction }}.\n")
    done = with_fake_backend("score", "run", "--scorer", "ppl", code=2)  # now there are measurements with the second
    assert "not the settings this run was started with" in done.stderr


WRONG = {
    "assess with a leak that is refused": ["assess", "--assessment", "same.jsonl", "--on-leak", "refuse"],
    "assess without tasks": ["assess", "--assessment", "empty.jsonl"],
    "assess that sets all aside": ["assess", "--hold-out", "100"],
    "a budget for nothing": ["run", "--budget", "1 passes"],
    "a leak that is refused": ["run", "--assessment", "same.jsonl", "--on-leak", "refuse"],
    "no candidate left": ["run", "--assessment", "same.jsonl"],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_leaves_no_folder_behind(with_fake_backend, files, wrong):
    command, *options = WRONG[wrong]
    given = SETTINGS if "--assessment" not in options else SETTINGS[2:]
    with_fake_backend(command, "pool.jsonl", *given[:-2], *options, code=2)  # in the place that icon chooses
    assert not (files / "icon-runs").exists()
    with_fake_backend(command, "pool.jsonl", *given, *options, code=2)
    assert not (files / "run").exists()


def test_wrong_input_in_a_run_that_was_there_before_deletes_nothing(with_fake_backend, files):
    with_fake_backend("assess", "pool.jsonl", *SETTINGS, code=0)
    before = {path.name: path.read_bytes() for path in (files / "run").iterdir() if path.is_file()}
    (files / "tasks.jsonl").write_text("")
    with_fake_backend("assess", "pool.jsonl", *SETTINGS, code=2)
    after = {path.name: path.read_bytes() for path in (files / "run").iterdir() if path.is_file()}
    assert after["assessment.jsonl"] == before["assessment.jsonl"]
    assert "run.json" in after
