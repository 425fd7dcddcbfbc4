"""Where a run of an object lies without `out`, and pools that are an iterator of addresses."""

import json

import pyarrow as pa
import pytest

import icon

ROWS = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words", "n": i} for i in range(12)]


@pytest.fixture
def given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tasks = [{"instruction": f"task {i}", "output": f"done {i}"} for i in range(4)]
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    return {"scorer": "length", "baselines": (), "assessment": tmp_path / "tasks.jsonl"}


@pytest.fixture
def run(given):
    return lambda pool, **more: icon.run(pool, report=False, progress=False, **given, **more)


def test_a_run_in_its_default_place_is_found_again_and_other_records_have_another(run):
    first = run(ROWS)
    assert run([dict(row) for row in ROWS]).path == first.path
    assert run(ROWS[:10]).path != first.path
    assert first.path.name.startswith("list-")


def test_the_default_place_of_a_table_is_the_same_with_another_version_of_arrow(run, monkeypatch):
    table = pa.Table.from_pylist(ROWS)
    first = run(table)
    noted = table.replace_schema_metadata({"pandas": json.dumps({"pandas_version": "9.9"})})
    monkeypatch.setattr("icon.api._given.BATCH", 5)  # both change the bytes of the file, and no record
    assert run(noted).path == first.path
    assert run(table.slice(1)).path != first.path
    assert first.path.name.startswith("Table-")


@pytest.mark.parametrize("read", ["run", "plan", "load_samples"])
def test_an_iterator_of_addresses_is_read_as_a_list_of_them(read, tmp_path, given, run):
    for name in "ab":
        text = "".join(json.dumps({**row, "output": f"{name} {row['output']}"}) + "\n" for row in ROWS)
        (tmp_path / f"shard-{name}.jsonl").write_text(text)
    shards = tmp_path.glob("shard-*.jsonl")
    if read == "run":
        assert len(run(shards).rows) == 24
    elif read == "plan":
        assert icon.plan(shards, **given)["candidates"] == 24
    else:
        assert len(icon.load_samples(shards)) == 24
