"""A third party's installed scorer is used like a built-in one, and selects what it scores highest."""

import json

import pytest

from icon.runs.scores import read_scores

pytest.importorskip("icon_example", reason="the example plugin is not installed: pip install ./tests/example_plugin")

RESPONSES = ["banana", "Aeon", "rhythm", "queue", "12 eau!", "strength", "a b c", "Idea?"]
VOWELS = [3 / 6, 3 / 4, 0, 4 / 5, 3 / 3, 1 / 8, 1 / 3, 3 / 4]
"""Vowels over letters of each response, counted by hand; digits, blanks and signs are no letters."""


def write_pool(folder):
    rows = [{"instruction": f"word number {row}", "output": each} for row, each in enumerate(RESPONSES)]
    path = folder / "pool.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


def test_the_rows_with_the_highest_vowel_share_are_selected(command_line, tmp_path):
    pool = write_pool(tmp_path)
    settings = ["--assessment-size", "3", "--keep", "2", "--out", "run"]
    command_line("run", "pool.jsonl", "--scorer", "vowels", *settings, code=0)
    rows = read_scores(tmp_path / "run/scores.parquet")
    assert [each.score for each in rows] == pytest.approx(VOWELS)  # it needs no tasks, so none were held out for it
    assert [each.row for each in rows if each.selected] == [3, 4]
    lines = pool.read_bytes().splitlines(keepends=True)
    assert (tmp_path / "run/selected.jsonl").read_bytes() == lines[3] + lines[4]
    assert len((tmp_path / "run/dropped.jsonl").read_bytes().splitlines()) == 6


def test_the_run_and_the_listing_name_the_distribution_and_its_version(command_line, tmp_path):
    write_pool(tmp_path)
    command_line("run", "pool.jsonl", "--scorer", "vowels", "--assessment-size", "3", "--out", "run", code=0)
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    assert manifest["versions"]["icon-example"] == "1.2.3"
    assert manifest["model"] is None
    (entry,) = json.loads(command_line("plugins", "vowels", "--json", code=0).stdout)["plugins"]
    assert (entry["distribution"], entry["version"]) == ("icon-example", "1.2.3")


def test_it_can_be_the_baseline_of_another_score(command_line, tmp_path):
    write_pool(tmp_path)
    settings = ["--scorer", "length", "--baseline", "vowels", "--keep", "2", "--out", "run"]
    found = json.loads(command_line("run", "pool.jsonl", *settings, "--json", code=0).stdout)
    assert found["against"].keys() == {"vowels"}
    rows = read_scores(tmp_path / "run/scores.parquet")
    assert [each.baselines["vowels"] for each in rows] == pytest.approx(VOWELS)
    assert [each.score for each in rows] == [len(each) for each in RESPONSES]
