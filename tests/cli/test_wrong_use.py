"""Wrong use and bad input end with exit code 2, one clear message, and never a traceback."""

import json

import pytest

from icon.pipeline.plan import plan as plan_of

GOOD = {"instruction": "q", "output": "an answer"}


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps({"instruction": f"q {i}", "output": f"a {i}"}) + "\n" for i in range(30)))
    return path


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["run", "nothing.jsonl"], "nothing.jsonl"),
        (["run", "POOL", "--keep", "200%"], "15% or 0.15, or a count"),
        (["run", "POOL", "--scorer", "lenght"], "Did you mean length"),
        (["run", "POOL", "--selector", "tip"], "Did you mean top"),
        (["run", "POOL", "--devices", "0,,1"], "names such as 0,1"),
        (["run", "POOL", "--dtype", "float32"], "dtype"),
        (["score", "RUN", "--share", "3/2"], "K/N with K from 1 to N"),
        (["score", "RUN", "--share", "1/2", "--devices", "0,1"], "one device per share"),
        (["select", "RUN", "-o", "scorer.rank_by=log-gain"], "options of the selector only"),
        (["run", "POOL", "--assessment", "tasks.jsonl"], "tasks.jsonl"),
        (["run", "POOL", "--option", "colour=red"], "STAGE.NAME=VALUE"),
        (["run", "POOL", "--option", "scorer.colour=red"], "colour"),
        (["run", "POOL", "--scorer", "icon", "--control", "sometimes"], "random"),
        (["run", "POOL", "--control", "paired"], "control is an option of --scorer icon"),
        (["run", "POOL", "--preset", "papers"], "valid: paper"),
        (["run", "POOL", "--config", "none.toml"], "none.toml"),
        (["run", "POOL", "--format", "csvv"], "csvv"),
        (["run", "POOL", "--template", "alpca"], "alpaca"),
        (["run", "POOL", "--subset", "0"], "subset"),
        (["run", "POOL", "--colour", "red"], "--colour"),
        (["show-prompt", "POOL", "99999"], "0 to 29"),
    ],
)
def test_wrong_use_says_what_is_valid(command_line, tmp_path, pool, arguments, text):
    done = command_line(*[pool if word == "POOL" else word for word in arguments], code=2)
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def bad_pool(path):
    lines = [
        json.dumps(GOOD).encode(),
        b'{"instruction": "q", "output": 7}',
        b'{"instruction": "q"}',
        b'{"instruction": "q", "output": "  "}',
        b'{"instruction": "q\xff", "output": "a"}',
        b'{"instruction": "q", "output": "x' + b"y" * 5_000_000 + b'"}',
        b'{"instruction": "q\\u0000", "output": "a"}',
        b'{"instruction": "q", "output": "trunc',
    ]
    path.write_bytes(b"\n".join(lines))
    return path


def test_a_pool_with_bad_rows_is_reported_row_by_row(command_line, tmp_path):
    done = command_line("run", bad_pool(tmp_path / "bad.jsonl"), code=2)
    assert "Traceback" not in done.stderr
    assert "7 bad rows" in done.stderr
    for line in range(2, 9):
        assert f"line {line}" in done.stderr
    assert "--on-bad-row skip" in done.stderr
    assert len(done.stderr) < 20_000
    assert not (tmp_path / "icon-runs").exists()


def test_bad_rows_can_be_skipped_and_are_counted(command_line, tmp_path):
    path = bad_pool(tmp_path / "bad.jsonl")
    with path.open("ab") as file:
        for i in range(20):
            file.write(b"\n" + json.dumps({"instruction": f"q {i}", "output": f"a {i}"}).encode())
    settings = ["--on-bad-row", "skip", "--scorer", "length", "--selector", "top", "--assessment-size", "3", "--json"]
    done = command_line("run", path, *settings, "--out", "run", code=0)
    assert json.loads(done.stdout)["rows"]["bad_row"] == 7


def test_terminal_escapes_in_data_are_not_printed(command_line, tmp_path):
    path = tmp_path / "pool.jsonl"
    rows = [{"instruction": f"q \x1b[31m[bold]red[/] {i}", "output": f"\x1b]0;title\x07 {i}"} for i in range(20)]
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    done = command_line("run", path, "--scorer", "length", "--assessment-size", "3", "--keep", "3", code=0)
    assert "\x1b]" not in done.stdout
    assert "\x07" not in done.stdout
    assert "[bold]red[/]" in done.stdout


def test_a_run_without_a_model_needs_no_backend(command_line, tmp_path, pool):
    command_line("run", pool, "--scorer", "length", "--assessment-size", "5", "--out", "run", "--json", code=0)
    assert json.loads((tmp_path / "run/run.json").read_text())["model"] is None


def test_the_stages_one_by_one_give_what_run_gives(command_line, tmp_path, pool):
    settings = [pool, "--scorer", "length", "--assessment-size", "5", "--keep", "4", "--no-report"]
    assert command_line("run", *settings, "--out", "whole").returncode == 0
    for command in (["assess", *settings, "--out", "steps"], ["score", "steps"], ["select", "steps"]):
        command_line(*command, code=0)
    for name in ("assessment.jsonl", "scores.parquet", "selected.jsonl", "dropped.jsonl"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "steps" / name).read_bytes()


def test_a_selection_can_be_made_again_from_the_same_scores(command_line, tmp_path, pool):
    command_line("run", pool, "--scorer", "length", "--assessment-size", "5", "--keep", "4", "--out", "run")
    parts = sorted(path.name for path in (tmp_path / "run/contributions").glob("*"))
    assert command_line("select", "run", "--keep", "9").returncode == 0
    assert len((tmp_path / "run/selected.jsonl").read_text().splitlines()) == 9
    assert sorted(path.name for path in (tmp_path / "run/contributions").glob("*")) == parts


def test_stages_out_of_order_say_what_comes_first(command_line, tmp_path, pool):
    command_line("assess", pool, "--scorer", "length", "--assessment-size", "5", "--out", "run")
    done = command_line("select", "run", code=2)
    assert "icon score" in done.stderr
    assert command_line("score", "nowhere").returncode == 2


def test_a_dry_run_writes_nothing(tiny_command_line, tmp_path, pool, monkeypatch):
    monkeypatch.setitem(plan_of.__kwdefaults__, "seconds", 0.5)  # for how long a plan measures the model's speed
    done = tiny_command_line("run", pool, "--assessment-size", "5", "--dry-run", "--json", code=0)
    plan = json.loads(done.stdout)
    assert (plan["rows"], plan["candidates_to_score"], plan["assessment_samples"]) == (30, 25, 5)
    assert not (tmp_path / "icon-runs").exists()


def test_after_a_mistake_the_corrected_command_resumes_in_the_same_folder(command_line, tmp_path, pool):
    command_line("run", pool, "--assessment", "typo.jsonl", "--scorer", "length", "--out", "run", code=2)
    assert not (tmp_path / "run").exists()
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text(json.dumps({"instruction": "a task", "output": "done"}) + "\n")
    command_line("run", pool, "--assessment", "tasks.jsonl", "--scorer", "length", "--out", "run", code=0)


BROKEN = """
from icon.plugins import Options, Strategy, hookimpl

@hookimpl
def icon_readers():
    return [Strategy("mine", "mine", lambda options: 1 / 0, Options)]

@hookimpl
def icon_selectors():
    return [Strategy("none", "none", lambda options: None, Options)]

@hookimpl
def icon_event(event):
    raise ZeroDivisionError("an observer")
"""


def test_a_plugin_that_breaks_on_the_way_is_reported_and_stops_a_run_only_where_it_was_asked_for(
    command_line, tmp_path, pool
):
    (tmp_path / "broken.py").write_text(BROKEN)
    asked = ["run", pool, "--scorer", "length", "--plugin", "broken.py"]
    done = command_line(*asked, "--out", "run", code=0)
    assert "reader mine (broken.py) could not be built: ZeroDivisionError" in done.stdout
    assert "an observer" in done.stderr
    for more, text in ((["--format", "mine"], "reader mine"), (["--selector", "none"], "has no needs_backend")):
        done = command_line(*asked, *more, "--out", "other", code=1)
        assert text in done.stderr
        assert "Traceback" not in done.stderr
