"""The user's own format: the same container, the same columns, the same values; lines byte for byte."""

import csv
import datetime
import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import icon
from icon.errors import ConfigError, InputError, RunError
from support.sealed import seal


def test_lines_are_byte_for_byte_the_users(make_run, tmp_path):
    lines = [
        b'{"output":  "\\u00e9\\u00e9\\u00e9", "n": 1.50, "instruction": "a"}',
        b'{"instruction": "b", "output": "c"}',
        b'{"instruction": "\xc3\xa9 ", "output":"dddddd", "x": [1,2 , 3]}',
    ]
    pool = tmp_path / "mine.jsonl"
    pool.write_bytes(b"\xef\xbb\xbf" + b"\r\n\n".join(lines) + b"\n")
    done = icon.export(make_run(pool), "own", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == lines[0] + b"\n" + lines[2] + b"\n"
    assert done["records"] == 2
    icon.export(tmp_path / "run", "own", tmp_path / "rest.jsonl", which="dropped")
    assert (tmp_path / "rest.jsonl").read_bytes() == lines[1] + b"\n"
    icon.export(tmp_path / "run", "own", tmp_path / "all.jsonl", which="all")
    assert (tmp_path / "all.jsonl").read_bytes().splitlines() == lines


def test_an_array_stays_an_array(make_run, alpaca, tmp_path):
    pool = tmp_path / "pool.json"
    pool.write_text(json.dumps(alpaca))
    done = icon.export(make_run(pool), "own")
    assert done["files"][0].endswith("run.json")
    with open(done["files"][0], encoding="utf-8") as file:  # noqa: PTH123
        assert json.load(file) == [alpaca[1], alpaca[3]]


def test_csv_keeps_header_and_cells_whatever_they_hold(make_run, tmp_path):
    rows = [
        ["=1+1", 'quote " and, comma', "short"],
        ["two\r\nlines", "", "a longer answer\rwith a bare return"],
        ["é", " spaced ", "the longest answer of them all, surely"],
    ]
    pool = tmp_path / "pool.csv"
    with pool.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["instruction", "note", "output"], *rows])
    icon.export(make_run(pool), "own", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, strict=True)) == [["instruction", "note", "output"], rows[1], rows[2]]


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst", ".json.gz"])
def test_compressed_pools_come_back_compressed(make_run, alpaca, tmp_path, ending):
    array = ending.startswith(".json.")
    text = json.dumps(alpaca) if array else "".join(json.dumps(record) + "\n" for record in alpaca)
    pool = tmp_path / f"pool{ending}"
    pool.write_bytes(
        zstandard.ZstdCompressor().compress(text.encode()) if ending.endswith("zst") else gzip.compress(text.encode())
    )
    icon.export(make_run(pool), "own", tmp_path / f"out{ending}")
    data = (tmp_path / f"out{ending}").read_bytes()
    if ending.endswith("zst"):
        read = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    else:
        read = gzip.decompress(data)
    found = json.loads(read) if array else [json.loads(line) for line in read.splitlines()]
    assert found == [alpaca[1], alpaca[3]]


def test_parquet_keeps_its_types(make_run, alpaca, tmp_path):
    table = pa.table(
        {
            "instruction": [record["instruction"] for record in alpaca],
            "output": [record["output"] for record in alpaca],
            "when": pa.array([datetime.date(2024, 1, day) for day in range(1, 5)]),
            "raw": pa.array([b"\x00\xff", None, b"b", b"c"]),
            "small": pa.array([1, 2, 3, 4], pa.int8()),
        }
    )
    pq.write_table(table, tmp_path / "pool.parquet", row_group_size=3)
    icon.export(make_run(tmp_path / "pool.parquet"), "own", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").equals(table.take([1, 3]))


def test_a_parquet_pool_that_changed_is_refused(make_run, alpaca, tmp_path):
    pq.write_table(pa.Table.from_pylist(alpaca), tmp_path / "pool.parquet")
    run = make_run(tmp_path / "pool.parquet")
    pq.write_table(pa.Table.from_pylist(alpaca[::-1]), tmp_path / "pool.parquet")
    with pytest.raises(InputError, match="is not the pool of the run any more"):
        icon.export(run, "own")
    (tmp_path / "pool.parquet").unlink()
    with pytest.raises(InputError, match="needs it no more"):
        icon.export(run, "own")
    assert icon.export(run, "trl")["records"] == 2  # the texts are in the run directory


def test_a_saved_data_set_comes_back_as_one_with_its_features(make_run, alpaca, tmp_path):
    import datasets

    made = datasets.Dataset.from_list(alpaca).add_column("kind", [0, 1, 1, 0])
    made = made.cast_column("kind", datasets.ClassLabel(names=["open", "closed"]))
    made.save_to_disk(tmp_path / "saved")
    done = icon.export(make_run(tmp_path / "saved"), "own")
    found = datasets.load_from_disk(done["files"][0])
    assert found.features == made.features
    assert found["output"][:] == [alpaca[1]["output"], alpaca[3]["output"]]


def test_lines_need_no_pool(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    (tmp_path / "pool.jsonl").unlink()
    assert icon.export(run, "own")["records"] == 2


def test_what_lies_there_is_left_alone_without_force(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    place = tmp_path / "out.jsonl"
    place.write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        icon.export(run, "own", place)
    assert place.read_text() == "mine"
    icon.export(run, "own", place, force=True)
    assert place.read_bytes().count(b"\n") == 2


def test_a_selection_that_was_edited_after_the_run_is_refused(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    path = tmp_path / "run" / "selected.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("bbbb", "BBBB"), encoding="utf-8")
    with pytest.raises(RunError, match="damaged or changed since the run wrote it"):
        icon.export(run, "trl")
    seal(tmp_path / "run")
    with pytest.raises(RunError, match="row 1 is not the one that was scored"):
        icon.export(run, "trl")
    assert not list((tmp_path / "run" / "export").iterdir())
