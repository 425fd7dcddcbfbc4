"""Columns of Parquet pools whose types Python or `datasets` lack are exported with their types, or named."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import icon
from icon.errors import InputError

DAY = 86_400_000
YEAR_10000 = 253_402_300_800_000
"""Milliseconds from 1970 to the first day that Python's dates do not have."""
COLUMNS = {
    "map": pa.array([[("a", 1)], None, [], [("b", 2), ("c", None)]], pa.map_(pa.string(), pa.int64())),
    "nested_map": pa.array([{"of": [("a", 1)]}] * 4, pa.struct([("of", pa.map_(pa.string(), pa.int64()))])),
    "string_view": pa.array(["a", "b", None, "a text that is longer than twelve bytes"], pa.string_view()),
    "far": pa.array([YEAR_10000, YEAR_10000 + DAY, 0, None], pa.timestamp("ms")),
    "nanoseconds": pa.array([1, 2, 3, 4], pa.timestamp("ns", "UTC")),
    "decimal": pa.array([Decimal("1.50"), None, Decimal("2.25"), Decimal("-3.00")]),
    "dictionary": pa.array(["x", "y", "x", None]).dictionary_encode(),
    "duration": pa.array([1, 2, 3, None], pa.duration("s")),
    "half": pa.array([0.5, 1.5, None, 2.5], pa.float16()),
    "time": pa.array([1, 2, 3, 4], pa.time64("us")),
    "large_list": pa.array([[1], [], None, [2, 3]], pa.large_list(pa.int64())),
    "null": pa.nulls(4),
}


@pytest.fixture
def pool(tmp_path: Path):
    """Writes a pool with one such column; rows 1 and 3 have the longest outputs."""

    def write(*names: str) -> tuple[Path, pa.Table]:
        outputs = ["a", "bbbb bbbb", "c", "dddd dddd dddd"]
        table = pa.table({"instruction": ["one", "two", "three", "four"], "output": outputs})
        for name in names:
            table = table.append_column(name, COLUMNS[name])
        pq.write_table(table, tmp_path / "pool.parquet", row_group_size=3)
        return tmp_path / "pool.parquet", table

    return write


def chosen(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(1, 1), table.slice(3, 1)])


def read(path: Path | str) -> pa.Table:
    with pq.ParquetFile(path) as file:
        return file.read()


def test_own_and_parquet_keep_every_type(make_run, pool, tmp_path: Path):
    path, table = pool(*COLUMNS)
    run = make_run(path)
    own = icon.export(run, "own", tmp_path / "own.parquet")
    assert own["records"] == 2
    assert read(tmp_path / "own.parquet").equals(chosen(table))
    done = icon.export(run, "parquet", tmp_path / "out")
    assert read(done["files"][0]).equals(chosen(table))
    assert [note.split(":")[0] for note in done["notes"]] == ["field 'map'", "field 'nested_map'"]
    assert "keeps its type map<string, int64" in done["notes"][0]
    assert done["next"] == [f"pandas.read_parquet({done['files'][0]!r})"]


def test_a_saved_data_set_has_maps_as_lists_of_key_and_value_and_the_rest_as_it_is(make_run, pool, tmp_path: Path):
    names = [name for name in COLUMNS if name not in ("nested_map", "far")]
    path, table = pool(*names)
    done = icon.export(make_run(path), "datasets", tmp_path / "out")
    found = datasets.load_from_disk(str(tmp_path / "out")).with_format("arrow")[:]
    expected = chosen(table).to_pylist()
    expected[0]["map"] = None
    expected[1]["map"] = [{"key": "b", "value": 2}, {"key": "c", "value": None}]
    assert found.to_pylist() == expected
    (note,) = done["notes"]
    assert note.startswith("field 'map': `datasets` holds no map<string, int64")


def test_a_type_that_datasets_cannot_hold_is_named(make_run, pool, tmp_path: Path):
    path, _ = pool("nested_map")
    with pytest.raises(InputError, match=r"field 'nested_map': has the type struct<.*which `datasets` does not hold"):
        icon.export(make_run(path), "datasets", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_far_date_that_nobody_reads_does_not_spoil_its_row(make_run, pool, tmp_path: Path):
    path, table = pool("far")
    run = make_run(path, on_bad_row="skip")
    assert {row.status for row in run.rows} == {"scored"}
    lines = (tmp_path / "run/selected.jsonl").read_text().splitlines()
    assert [json.loads(line)["far"] for line in lines] == ["10000-01-02 00:00:00.000", None]
    icon.export(run, "datasets", tmp_path / "out")
    found = datasets.load_from_disk(str(tmp_path / "out")).with_format("arrow")[:]
    assert found.column("far").combine_chunks().equals(chosen(table).column("far").combine_chunks())
