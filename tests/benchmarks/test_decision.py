"""What the race promises, held to on the judging matrix: real measurements, no model needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def run(script, out):
    command = [sys.executable, str(HERE / script), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text("utf-8"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    return run("bench_decision.py", tmp_path_factory.mktemp("bench") / "decision.json")


def test_the_default_race_captures_what_the_exact_choice_captures_on_samples_it_never_saw(judged):
    found = [row for row in judged["rows"] if row["schedule"] == "race, capture 0.99"]
    assert [row["seed"] for row in found] == [0, 1, 2, 3, 4]
    assert all(row["captured"] >= 0.95 for row in found)
    assert all(row["pairs"] < 0.75 for row in found)


def test_the_intervals_of_a_race_hold_as_often_as_they_say(judged):
    for found in judged["coverage"].values():
        assert found["cases"] >= 200
        assert found["relative"] >= 0.93
        assert found["absolute"] >= 0.93


def test_a_larger_budget_captures_more_on_average(judged):
    captured = [row["captured"] for row in judged["budgets"]]
    assert len(captured) == 5
    assert captured == sorted(captured)


def test_a_bank_agrees_with_one_control_a_length_better_than_that_agrees_with_itself(tmp_path):
    itself, first, second, banks = (
        row["spearman"] for row in run("bench_bank.py", tmp_path / "bank.json")["agreement"]
    )
    assert itself < min(first, second)
    assert banks > 0.99


def test_a_learnt_order_is_more_reliable_a_token_than_a_random_one(tmp_path):
    rows = run("bench_order.py", tmp_path / "order.json")["rows"]
    assert all(row["informative"] > row["random"] for row in rows)
    assert rows[0]["informative"] > rows[0]["random"] + 0.1
