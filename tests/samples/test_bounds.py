"""No file of a few bytes takes a gigabyte or a minute: what is beyond a bound is an error that says the bound."""

from __future__ import annotations

import gzip
import json
import time

import pytest
import zstandard

from icon.errors import BadRowsError, InputError
from icon.samples import load_samples
from icon.samples.records import iter_records
from support.measured import MIB, measured

READ = "from icon.samples import load_samples\nload_samples(sys.argv[1], on_bad_row=sys.argv[2])"


def repeated(piece: bytes, size: int) -> bytes:
    """A Zstandard frame of so many bytes, made piece by piece: a few kilobytes on disk."""
    writer = zstandard.ZstdCompressor(level=3).compressobj()
    block = piece * (MIB // len(piece))
    made = [writer.compress(block) for _ in range(size // MIB)]
    return b"".join([*made, writer.flush()])


def rows_of(*values: bytes) -> bytes:
    return b"".join(b'{"question": "q%d", "answer": %s}\n' % (n, value) for n, value in enumerate(values))


TOO_LONG = "more than 67,108,864"
MANY = "more than 5,000,000 values"
BOMBS = {
    "cells.csv.zst": (b"question,answer\n1,2\n", b",", 200, TOO_LONG),
    "line.csv.zst": (b"question,answer\n", b"x", 200, TOO_LONG),
    "line.jsonl.zst": (b'{"question": "', b"x", 200, TOO_LONG),
    "blank.jsonl.zst": (b'{"question": "q", "answer": "a"}', b"\n", 600, ""),
    "array.json.zst": (b"[", b" ", 600, "row 0: found invalid JSON"),
    "text.json.zst": (b'[{"a": "', b"x", 200, TOO_LONG),
    "values.json.zst": (b'[{"a": [', b"[],", 60, MANY),
    "values.jsonl.zst": (b'{"question": [', b"[],", 60, MANY),
    "wrapped.json.zst": (b'{"data": [{"a": [', b"{},", 60, MANY),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_grows_when_it_is_read_stays_below_a_gigabyte(write, tmp_path, name):
    start, piece, size, said = BOMBS[name]
    source = write(zstandard.compress(start) + repeated(piece, size * MIB), name)
    done = measured(READ, source, "error", folder=tmp_path)
    assert done.peak < 700 * MIB, done.said
    assert done.seconds < 20
    assert said in "".join(done.said)
    assert bool(said) == bool(done.said)


def test_cells_are_counted_over_all_lines_of_a_row(write, monkeypatch):
    monkeypatch.setattr("icon.samples.sources._csv_lines.CHECKED_FROM", 100)
    monkeypatch.setattr("icon.samples.sources._csv_lines.MAX_VALUES_PER_ROW", 50)
    long = '"' + '","'.join(["x\n"] * 100) + '"'
    source = write(f'question,answer\n"{"," * 200}","{"," * 200}"\n{long}\n', "pool.csv")
    first, *others = iter_records(source)
    assert first.fields == {"question": "," * 200, "answer": "," * 200}
    assert others[0].fault.found == "a record of more than 5,000,000 values"


def test_a_small_gzip_file_of_one_long_text_stays_below_a_gigabyte(write, tmp_path):
    source = write(gzip.compress(b'[{"a": "' + b"x" * (150 * MIB), compresslevel=1), "pool.json.gz")
    done = measured(READ, source, "error", folder=tmp_path)
    assert done.peak < 700 * MIB
    assert "row 0: found an element of more than 67,108,864 characters" in done.said[0]


@pytest.mark.parametrize("on_bad_row", ["error", "skip"])
def test_a_file_of_bad_rows_is_not_read_to_its_end(write, monkeypatch, on_bad_row):
    monkeypatch.setattr("icon.samples._tally.MAX_FAULTS", 100)
    source = write(rows_of(b'"a"') + b"x\n" * 101 + rows_of(*[b'"a"'] * 200), "pool.jsonl")
    said = "found more than 100 bad rows, and fewer samples; the first:\n  101 rows: line 2"
    with pytest.raises(InputError, match=said):
        load_samples(source, on_bad_row=on_bad_row)


def test_a_file_with_more_samples_than_bad_rows_is_read_to_its_end(write, monkeypatch):
    monkeypatch.setattr("icon.samples._tally.MAX_FAULTS", 100)
    source = write(rows_of(*[b'"a"'] * 200) + b"x\n" * 150, "pool.jsonl")
    loaded = load_samples(source, on_bad_row="skip")
    assert (len(loaded.samples), len(loaded.faults)) == (200, 150)


def test_a_row_of_a_hundred_thousand_columns_is_read_in_seconds(write, tmp_path):
    header = ",".join(f"c{n}" for n in range(100_000))
    source = write(f"{header}\n" + "1,2\n" * 200, "pool.csv")
    done = measured(READ, source, "error", folder=tmp_path)
    assert done.seconds < 10
    assert "200 bad rows" in done.said[0]


def test_a_header_of_more_columns_is_refused(write):
    with pytest.raises(InputError, match="found 100,001 columns; valid: at most 100,000"):
        list(iter_records(write(",".join(f"c{n}" for n in range(100_001)) + "\n1\n", "pool.csv")))


def test_all_bad_rows_are_counted_and_a_thousand_are_kept(write):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write(rows_of(b'"a"') + b"x\n" * 2500))
    assert len(caught.value.faults) == 1000
    assert "2,500 bad rows" in str(caught.value)
    assert "... and 1,500 more" in str(caught.value)


def test_skipped_rows_are_all_kept(write):
    loaded = load_samples(write(rows_of(b'"a"') + b"x\n" * 2500), on_bad_row="skip")
    assert [fault.row for fault in loaded.faults] == list(range(1, 2501))


def long_rows(size: int) -> bytes:
    """Honest rows of that size: a document, a conversation of tools, and a record with many numbers."""
    call = {"role": "tool", "content": "log line\n" * (size // 200)}
    turns = [{"role": "user", "content": "go"}, *[call] * 20, {"role": "assistant", "content": "done"}]
    records = [
        {"question": "What does it say?", "context": "word " * (size // 5), "answer": "much"},
        {"messages": turns},
        {"question": "q", "answer": "a", "ids": list(range(size // 8))},
    ]
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize("size", [900_000])
def test_rows_of_a_megabyte_are_read(write, size):
    raw = long_rows(size)
    records = list(iter_records(write(raw)))
    assert [record.raw for record in records] == raw.splitlines()
    array = list(iter_records(write(b"[" + b",".join(raw.splitlines()) + b"]", "pool.json")))
    assert [record.fields for record in array] == [record.fields for record in records]


def test_a_record_of_twenty_megabytes_of_text_is_read(write):
    record = {"question": "q", "answer": "a", "picture": '[{,"\\' * (4 * MIB)}
    (found,) = iter_records(write([record]))
    assert found.fields == record
    (found,) = iter_records(write(json.dumps([record]), "pool.json"))
    assert found.fields == record


def test_a_record_of_more_than_five_million_values_is_a_bad_row(write):
    raw = b'{"question": "q", "answer": "a", "ids": [' + b"0.5," * (5 * MIB) + b"0]}"
    (found,) = iter_records(write(raw))
    assert found.fault is not None
    assert found.fault.found == "a record of more than 5,000,000 values"


@pytest.mark.parametrize("name", ["pool.jsonl.zst", "pool.jsonl.gz"])
def test_compressed_data_that_grows_a_thousandfold_is_refused(write, monkeypatch, name):
    monkeypatch.setattr("icon.samples.streams.RATIO_FROM", MIB)
    piece = b'{"question": "q", "answer": "a"}\n'
    rows = repeated(piece, 2 * MIB) if name.endswith("zst") else gzip.compress(b"\n" * (8 * MIB) + piece)
    with pytest.raises(InputError, match=r"grows to more than 1,000 times its size.*decompress it first"):
        list(iter_records(write(rows, name)))


def test_a_parquet_file_of_one_long_repeated_text_stays_below_a_gigabyte(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    long = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * (16 * MIB)]))
    table = pa.table({"question": [f"q{n}" for n in range(1000)], "answer": long})
    pq.write_table(table, tmp_path / "pool.parquet", compression="zstd", dictionary_pagesize_limit=1024 * MIB)
    assert (tmp_path / "pool.parquet").stat().st_size < 100_000
    first = "from icon.samples.records import iter_records\nfrom itertools import islice\n"
    done = measured(
        first + "reported(sum(1 for _ in islice(iter_records(sys.argv[1]), 40)))",
        tmp_path / "pool.parquet",
        folder=tmp_path,
    )
    assert done.said == ["40"]
    assert done.peak < 700 * MIB


@pytest.mark.parametrize("kind", ["null", "bool"])
def test_lists_that_take_nothing_in_a_table_are_bad_rows(tmp_path, kind):
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = pa.repeat(pa.scalar(None, kind), 6_000_000)
    lists = pa.ListArray.from_arrays(pa.array([0, 0, 6_000_000, 6_000_000], pa.int32()), values)
    pq.write_table(pa.table({"question": ["a", "b", "c"], "ids": lists}), tmp_path / "pool.parquet")
    found = list(iter_records(str(tmp_path / "pool.parquet")))
    assert [record.fields and record.fields["ids"] for record in found] == [[], None, []]
    assert found[1].fault.found == "a record of more than 5,000,000 values"


def test_the_same_data_is_read_below_that_size(write):
    piece = b'{"question": "q", "answer": "a"}\n'
    source = write(repeated(piece, 2 * MIB), "pool.jsonl.zst")
    assert sum(1 for _ in iter_records(source)) == 2 * (MIB // len(piece))


def test_an_array_of_short_rows_after_a_long_one_is_read_in_a_second(write):
    records = [{"question": "q", "answer": "a", "page": "x" * (9 * MIB)}, *[{"question": "q", "answer": "a"}] * 140_000]
    source = write(json.dumps(records), "pool.json")
    start = time.process_time()
    assert sum(1 for _ in iter_records(source)) == 140_001
    assert time.process_time() - start < 5


def test_values_are_counted_in_each_element_of_an_array_alone(write):
    dense = "[" + ",".join(["1"] * 100_000) + "]"
    rows = ['{"page": "' + "x" * (17 * MIB) + '"}', *[f'{{"ids": {dense}}}'] * 60]
    found = list(iter_records(write(f"[{','.join(rows)}]", "pool.json")))
    assert [len(record.fields.get("ids", "")) for record in found] == [0, *[100_000] * 60]
