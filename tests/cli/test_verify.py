"""`icon verify` on a run of an installed fake backend: a sentence, a table, JSON, and clear refusals."""

import json
import os
import subprocess
import sys
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import icon
from icon.runs.parts import checksum
from icon.testing import FakeBackend

PLUGIN = """
from icon.hooks import Strategy, hookimpl
from icon.testing import FakeBackend

@hookimpl
def icon_backends():
    return [Strategy("fake", "no model at all", lambda options: FakeBackend())]
"""


def command(*arguments, cwd, plugin=PLUGIN):
    """Run `icon` with the fake backend installed beside the run."""
    package = cwd / "plugins/icon_faked-1.dist-info"
    package.mkdir(parents=True, exist_ok=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: icon-faked\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[icon]\nicon-faked = icon_faked\n")
    (cwd / "plugins/icon_faked.py").write_text(plugin)
    environment = {**os.environ, "PYTHONPATH": str(cwd / "plugins"), "COLUMNS": "200", "HF_HUB_OFFLINE": "1"}
    line = [sys.executable, "-m", "icon", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, cwd=cwd, env=environment)


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture
def settings(tmp_path):
    rows = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words"} for i in range(8)]
    tasks = [{"instruction": f"task {i} alpha", "output": f"done {i} and over"} for i in range(4)]
    pool = write(tmp_path / "pool.jsonl", rows)
    return {"pool": pool, "assessment": write(tmp_path / "tasks.jsonl", tasks), "out": tmp_path / "run"}


def plant(path):
    """Add 0.5 to the first stored NLL, under a name with a valid checksum; gives the pair."""
    (old,) = path.glob("contributions/part-000000-*")
    table = pq.read_table(old)
    rows = table.to_pylist()
    rows[0]["nll"] += 0.5
    buffer = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), buffer)
    old.unlink()
    (old.parent / f"part-000000-{checksum(buffer.getvalue())}.parquet").write_bytes(buffer.getvalue())
    return rows[0]["candidate"], rows[0]["assessment"]


def test_sound_numbers_are_called_so_and_the_run_stays_as_it_is(tmp_path, settings):
    path = icon.run(backend=FakeBackend(), **settings, report=False).path
    before = {each: each.read_bytes() for each in path.rglob("*") if each.is_file()}
    done = command("verify", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "The stored numbers hold exactly (NLL) and exactly (c)" in done.stdout
    assert "over 32 pairs; rank correlation 1.000." in done.stdout
    assert "32 of 32 finished pairs, scorer icon" in done.stdout
    assert {each: each.read_bytes() for each in path.rglob("*") if each.is_file()} == before


def test_a_planted_error_is_printed_with_its_pair(tmp_path, settings):
    candidate, task = plant(icon.run(backend=FakeBackend(), **settings, report=False).path)
    done = command("verify", "run", "--pairs", "32", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "largest difference 0.5 nats per token over 32 pairs" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("worst")]
    assert len(lines) == 1  # the other columns are as they were measured
    assert lines[0].startswith(f"worst NLL: {candidate} on {task}: ")


def test_the_json_is_what_the_python_side_gives(tmp_path, settings):
    path = icon.run(backend=FakeBackend(), **settings, report=False).path
    plant(path)
    done = command("verify", "run", "--pairs", "9", "--seed", "3", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = json.loads(json.dumps(icon.verify(path, pairs=9, seed=3, backend=FakeBackend())))
    for name in ("run", "form"):  # the folder as it was named, and how the backend was opened
        assert found.pop(name) != expected.pop(name)
    assert found == expected
    assert (found["drawn"], found["seed"], found["finished"]) == (9, 3, 32)


def test_where_nothing_can_be_measured_again_the_exit_code_is_1_and_the_reasons_are_printed(tmp_path, settings):
    icon.run(backend=FakeBackend(), **settings, report=False)
    short = PLUGIN.replace("FakeBackend())", "FakeBackend(context_length=5))")
    done = command("verify", "run", "--pairs", "3", cwd=tmp_path, plugin=short)
    assert done.returncode == 1, done.stderr
    assert "Nothing can be said: none of 3 pairs could be measured again." in done.stdout
    assert done.stdout.count("this backend reads 5") == 3


def test_a_run_of_a_scorer_without_a_model_ends_with_2(tmp_path, settings):
    icon.run(scorer="length", baselines=("random",), **settings, report=False)
    done = command("verify", "run", cwd=tmp_path)
    assert done.returncode == 2
    assert "nothing to verify: its scorer length uses no model" in done.stderr


def test_wrong_use_is_told_without_a_traceback(tmp_path, settings):
    icon.run(backend=FakeBackend(), **settings, report=False)
    none = command("verify", "run", "--pairs", "0", cwd=tmp_path)
    assert none.returncode == 2
    nowhere = command("verify", "nowhere", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "run.json" in nowhere.stderr
    gone = command("verify", "run", cwd=tmp_path, plugin="")
    assert gone.returncode == 2
    assert "no backend named 'fake'" in gone.stderr
    assert "Traceback" not in none.stderr + nowhere.stderr + gone.stderr


def test_a_run_that_is_not_scored_yet_says_what_comes_first(tmp_path, settings):
    begun = ["assess", settings["pool"], "--assessment", settings["assessment"], "--backend", "fake", "--out", "run"]
    assert command(*begun, cwd=tmp_path).returncode == 0
    done = command("verify", "run", cwd=tmp_path)
    assert done.returncode == 2
    assert "run `icon score` first" in done.stderr
