"""Wrong values of the options of a race end with exit code 2, what was found and what is valid."""

import json

import pytest


@pytest.mark.parametrize(
    ("arguments", "found", "valid"),
    [
        (["--budget", "soon"], "'soon'", "'5000 passes'"),
        (["--budget", "0s"], "'0s'", "a time such as 90s"),
        (["--budget", "5 km"], "'5 km'", "'200k tokens'"),
        (["--budget", "-5m"], "'-5m'", "5m or 1.5h"),
        (["--capture", "2"], "2", "above 0 and at most 1"),
        (["--capture", "0"], "0", "above 0 and at most 1"),
        (["--confidence", "1.5"], "1.5", "at least 0.5 and below 1"),
        (["--confidence", "0.2"], "0.2", "at least 0.5 and below 1"),
        (["--schedule", "foo"], "'foo'", "valid: auto, race, uniform or exact"),
        (["--order", "foo"], "'foo'", "valid: stratified or informative"),
        (["--schedule", "exact", "--budget", "5m"], "schedule exact", "--schedule race or uniform, or no --budget"),
        (["--scorer", "length", "--budget", "5m"], "schedule exact", "no --budget with the scorer length"),
        (
            ["--schedule", "race", "--scorer", "icon", "-o", "scorer.rank_by=trimmed-mean"],
            "schedule race",
            "--schedule exact",
        ),
    ],
)
def test_a_wrong_value_says_what_is_valid(command_line, tmp_path, arguments, found, valid):
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps({"instruction": f"q {i}", "output": f"a {i}"}) + "\n" for i in range(30)))
    done = command_line("run", pool, *arguments, code=2)
    assert arguments[0].strip("-") in done.stderr
    assert found in done.stderr
    assert valid in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "icon-runs").exists()
