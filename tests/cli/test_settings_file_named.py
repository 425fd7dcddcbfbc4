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
    assert "  keep: " in done.stderr


def test_without_a_file_none_is_named(with_fake_backend, tmp_path, pool):
    done = with_fake_backend("run", "pool.jsonl", "--keep", "200%", code=2)
    assert "settings from" not in done.stderr.lower()
