"""`icon preview` as a command, and what it and `icon plan` refuse."""

import json

import pytest


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["preview", "--budget", "soon"], ("budget", "'soon'", "5m or 1.5h")),
        (["preview", "--capture", "2"], ("--capture", "found 2", "above 0 and at most 1")),
        (["preview", "nosuch.jsonl"], ("nosuch.jsonl",)),
        (["preview", "--schedule", "exact"], ("budget", "--schedule race or uniform")),
        (["plan", "nosuch.jsonl"], ("nosuch.jsonl",)),
        (["plan", "--budget", "soon"], ("budget", "'soon'")),
        (["plan", "--scorer", "lenght"], ("Did you mean length",)),
    ],
)
def test_wrong_use_says_what_is_valid_and_writes_nothing(command_line, tmp_path, arguments, texts):
    done = command_line(*arguments, code=2)
    assert all(text in done.stderr for text in texts), done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["plan"], ["run", "--dry-run"]])
def test_a_plan_is_printed_as_json_and_writes_nothing(command_line, tmp_path, command):
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps({"instruction": f"q {i}", "output": f"a {i}"}) + "\n" for i in range(30)))
    done = command_line(*command, str(pool), "--scorer", "length", "--baseline", "random", "--json", code=0)
    found = json.loads(done.stdout)
    assert (found["candidates"], found["passes"], found["tokens"], found["seconds"]) == (30, 0, 0, None)
    assert [each.name for each in tmp_path.iterdir()] == ["pool.jsonl"]


def test_a_preview_of_the_demo_ends_with_its_budget_and_a_judgement(tiny_command_line, tmp_path):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    done = tiny_command_line("preview", "--budget", "15k tokens", "--json", "--out", "run", code=0)
    found = json.loads(done.stdout)
    race, judged = found["race"], found["judgement"]
    assert race["ended"] in ("budget", "measured")
    assert 0 < race["pairs"] <= race["pairs_exact"]
    assert (judged["reliability"], judged["capture"]) == (race["reliability"], race["capture"])
    assert race["reliability"] is None or 0 <= race["reliability"] <= 1
    assert judged["full_tokens"] > 0
    config = json.loads((tmp_path / "run/run.json").read_text())["config"]
    assert (config["backend"], config["schedule"], config["budget"]) == ("llamacpp", "race", "15k tokens")
    assert config["capture"] == 1.0
