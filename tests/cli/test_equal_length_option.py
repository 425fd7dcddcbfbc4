"""`--equal-length` of `icon run` and `icon select`: what it writes, and what it refuses."""

import json

import pytest

LENGTHS = [3, 30, 300, 8, 80, 800, 21, 210]


@pytest.fixture
def pool(tmp_path):
    records = [{"instruction": f"question {i}", "output": "w" * n} for i, n in enumerate(LENGTHS)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return "pool.jsonl"


@pytest.fixture
def run(command_line, pool):
    given = ("--scorer", "length", "--baseline", "random", "--selector", "top", "--keep", "2", "--no-report")
    return lambda *more: command_line("run", pool, *given, "--out", "run", *more)


def test_scores_are_selected_anew_at_equal_length_and_as_measured(command_line, run):
    assert "equal length" not in json.loads(run("--json").stdout)["facts"]
    found = json.loads(command_line("select", "run", "--equal-length", "strata", "--json", code=0).stdout)
    # eight candidates are one stratum: the order stays, and the longest is (8 - 1/2) / 8 from the bottom
    assert found["equal_length"] == {"how": "strata", "unit": "characters", "before": 1.0, "after": 1.0}
    assert found["best"][0]["score"] == pytest.approx(7.5 / 8)
    assert found["facts"]["equal length"].startswith("scores are ranks within strata of length (responses in char")
    kept = json.loads((command_line.folder / "run" / "run.json").read_text())
    assert kept["stages"]["select"]["equal_length"] == "strata"
    assert [line.split(":")[0] for line in kept["warnings"]["select"]] == ["equal_length strata"]
    assert "the 8 scored candidates are one stratum" in kept["warnings"]["select"][0]
    again = json.loads(command_line("select", "run", "--json", code=0).stdout)
    assert again["best"][0]["score"] == 800


def test_a_value_that_does_not_exist_is_refused(run):
    done = run("--equal-length", "regression")
    assert done.returncode == 2
    assert "regress" in done.stderr


def test_two_candidates_are_too_few(command_line, run):
    done = run("--equal-length", "regress", "--subset", "2")
    assert done.returncode == 2
    assert "equal_length regress: found 2 scored candidates; valid: at least 3" in done.stderr
