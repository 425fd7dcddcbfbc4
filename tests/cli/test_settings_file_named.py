"""Whatever is wrong with settings that come from a file, the message names that file."""

from __future__ import annotations

import json

import pytest

WRONG = {
    "keep": 'keep = "200%"',
    "seed": "seed = -1",
    "unknown": 'colour = "red"',
    "type": "baselines = 3",
    "options": "scorer_options = 3",
    "options within": 'scorer = "length"\nscorer_options = {colour = "red"}',
    "scorer": 'scorer = "lenght"',
    "selector": 'selector = "tip"',
    "selector options": 'selector = "top"\nselector_options = {x = 1}',
    "backend": 'backend = "nothing"',
    "backend options": "backend_options = {x = 1}",
    "template": 'template = "alpca"',
    "template file": 'template = "none.jinja"',
    "pool": 'pool = "none.jsonl"',
    "format": 'format = "csvv"',
    "assessment": 'assessment = "stratifeid"',
    "assessment file": 'assessment = "file"\nassessment_options = {path = "none.jsonl"}',
    "plugin": 'plugins = ["none.py"]',
    "budget": 'budget = "5 parsecs"',
    "schedule": 'schedule = "race"\nscorer = "ppl"',
}


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps({"instruction": f"q {i}", "output": f"a {i}"}) + "\n" for i in range(30)))
    return path


@pytest.mark.parametrize("wrong", WRONG)
def test_a_fault_of_settings_names_their_file(with_fake_backend, tmp_path, pool, wrong):
    settings = {"backend": '"fake"', "assessment_size": "4"}
    lines = [f"{key} = {value}" for key, value in settings.items() if not WRONG[wrong].startswith(f"{key} =")]
    (tmp_path / "mine.toml").write_text("\n".join([*lines, WRONG[wrong]]))
    given = [] if wrong == "pool" else ["pool.jsonl"]
    done = with_fake_backend("run", *given, "--config", "mine.toml", "--out", "run", code=2)
    assert "mine.toml" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_fault_names_the_file_beside_the_very_field_that_comes_from_it(with_fake_backend, tmp_path, pool):
    (tmp_path / "mine.toml").write_text('seed = -1\nkeep = "9%"')
    done = with_fake_backend("run", "pool.jsonl", "--config", "mine.toml", "--keep", "200%", code=2)
    assert "  mine.toml: seed: " in done.stderr
    assert "  --keep: " in done.stderr


def test_without_a_file_none_is_named(with_fake_backend, tmp_path, pool):
    done = with_fake_backend("run", "pool.jsonl", "--keep", "200%", code=2)
    assert "settings from" not in done.stderr.lower()


def test_a_file_of_tasks_is_named_in_a_settings_file_as_on_the_command_line(with_fake_backend, tmp_path, pool):
    (tmp_path / "my_tasks.jsonl").write_text(
        "".join(json.dumps({"instruction": f"task {i}", "output": f"b {i}"}) + "\n" for i in range(4))
    )
    (tmp_path / "mine.yaml").write_text("backend: fake\nassessment: my_tasks.jsonl\n")
    with_fake_backend("run", "pool.jsonl", "--config", "mine.yaml", "--out", "run", "--no-report", code=None)
    config = json.loads((tmp_path / "run/run.json").read_text())["config"]
    assert (config["assessment"], config["assessment_options"]) == ("file", {"path": "my_tasks.jsonl"})


def test_a_builder_is_named_in_a_settings_file_with_its_options(with_fake_backend, tmp_path, pool):
    (tmp_path / "mine.toml").write_text('assessment = "stratified"\nassessment_options = {wrong = 1}\n')
    done = with_fake_backend("run", "pool.jsonl", "--config", "mine.toml", "--out", "run", code=2)
    assert "wrong" in done.stderr


def test_the_run_directory_is_given_beside_a_settings_file(with_fake_backend, tmp_path, pool):
    (tmp_path / "mine.yaml").write_text("out: runs/x\n")
    done = with_fake_backend("run", "pool.jsonl", "--config", "mine.yaml", code=2)
    assert "out: no such setting (found 'runs/x'); valid: --out on the command line" in done.stderr
