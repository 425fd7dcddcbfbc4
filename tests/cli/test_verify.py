"""`icon verify` on a run of an installed fake backend: a sentence, a table, JSON, and clear refusals."""

import json
from functools import partial
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import icon
from icon.runs.parts import checksum
from icon.testing import FakeBackend
from support.installed import FAKE_BACKEND


@pytest.fixture
def verify(with_fake_backend):
    return partial(with_fake_backend, "verify")


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


def test_sound_numbers_are_called_so_and_the_run_stays_as_it_is(verify, settings):
    path = icon.run(backend=FakeBackend(), **settings, report=False).path
    before = {each: each.read_bytes() for each in path.rglob("*") if each.is_file()}
    done = verify("run", code=0)
    assert "The stored numbers hold exactly (NLL) and exactly (value)" in done.stdout
    assert "over 32 pairs; rank correlation 1.000." in done.stdout
    assert "32 of 32 finished pairs, scorer nuggets" in done.stdout
    assert {each: each.read_bytes() for each in path.rglob("*") if each.is_file()} == before


def test_a_planted_error_is_printed_with_its_pair(verify, settings):
    candidate, task = plant(icon.run(backend=FakeBackend(), **settings, report=False).path)
    done = verify("run", "--pairs", "32", code=0)
    assert "largest difference 0.5 nats per token over 32 pairs" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("worst")]
    assert len(lines) == 1  # the other columns are as they were measured
    assert lines[0].startswith(f"worst NLL: {candidate} on {task}: ")


def test_the_json_is_what_the_python_side_gives(verify, settings):
    path = icon.run(backend=FakeBackend(), **settings, report=False).path
    plant(path)
    done = verify("run", "--pairs", "9", "--seed", "3", "--json", code=0)
    found = json.loads(done.stdout)
    expected = json.loads(json.dumps(icon.verify(path, pairs=9, seed=3, backend=FakeBackend())))
    for name in ("run", "form"):  # the folder as it was named, and how the backend was opened
        assert found.pop(name) != expected.pop(name)
    assert found == expected
    assert (found["drawn"], found["seed"], found["finished"]) == (9, 3, 32)


def test_where_nothing_can_be_measured_again_the_exit_code_is_1_and_the_reasons_are_printed(verify, settings):
    icon.run(backend=FakeBackend(), **settings, report=False)
    short = FAKE_BACKEND.replace("FakeBackend())", "FakeBackend(context_length=5))")
    done = verify("run", "--pairs", "3", plugin=short, code=1)
    assert "Nothing can be said: none of 3 pairs could be measured again." in done.stdout
    assert done.stdout.count("this backend reads 5") == 3


def test_a_run_of_a_scorer_without_a_model_ends_with_2(verify, settings):
    icon.run(scorer="length", baselines=("random",), **settings, report=False)
    done = verify("run", code=2)
    assert "nothing to verify: its scorer length uses no model" in done.stderr


def test_wrong_use_is_told_without_a_traceback(verify, settings):
    icon.run(backend=FakeBackend(), **settings, report=False)
    none = verify("run", "--pairs", "0", code=2)
    nowhere = verify("nowhere", code=2)
    assert "run.json" in nowhere.stderr
    gone = verify("run", plugin="", code=2)
    assert "no backend named 'fake'" in gone.stderr
    assert "Traceback" not in none.stderr + nowhere.stderr + gone.stderr


def test_a_run_that_is_not_scored_yet_says_what_comes_first(verify, with_fake_backend, settings):
    begun = ["assess", settings["pool"], "--assessment", settings["assessment"], "--backend", "fake", "--out", "run"]
    with_fake_backend(*begun, code=0)
    done = verify("run", code=2)
    assert "nothing is scored yet. Next: icon score run" in done.stderr
