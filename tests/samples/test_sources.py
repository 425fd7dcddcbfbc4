"""The same records from every kind of source give the same samples, and JSON lines come back byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icon.samples import load_samples
from icon.samples.records import iter_records, source_digest

RECORDS = [
    {"instruction": "Add 2 and 3.", "input": "", "output": "5"},
    {"instruction": "Say it in French.", "input": "the café,\n“two” lines", "output": "le café 🍰"},
    {"instruction": 'Quote "this".', "input": "a, b", "output": 'He said: "this"'},
]


def as_jsonl():
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in RECORDS).encode()


def as_csv():
    text = io.StringIO()
    writer = csv.DictWriter(text, list(RECORDS[0]))
    writer.writeheader()
    writer.writerows(RECORDS)
    return text.getvalue().encode()


def as_parquet():
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), sink)
    return sink.getvalue()


def zstd(data):
    return zstandard.ZstdCompressor().compress(data)


FILES = {
    "pool.jsonl": as_jsonl,
    "POOL.NDJSON": as_jsonl,
    "pool.jsonl.gz": lambda: gzip.compress(as_jsonl()),
    "pool.jsonl.zst": lambda: zstd(as_jsonl()),
    "two_frames.jsonl.zst": lambda: zstd(as_jsonl()[:40]) + zstd(as_jsonl()[40:]),
    "two_members.jsonl.gz": lambda: gzip.compress(as_jsonl()[:40]) + gzip.compress(as_jsonl()[40:]),
    "bom.jsonl": lambda: b"\xef\xbb\xbf" + as_jsonl(),
    "crlf.jsonl": lambda: as_jsonl().replace(b"\n", b"\r\n"),
    "blank.jsonl": lambda: b"\n" + as_jsonl().replace(b"\n", b"\n \t\n") + b"\n\n",
    "no_end.jsonl": lambda: as_jsonl().rstrip(),
    "pool.json": lambda: json.dumps(RECORDS, indent=2).encode(),
    "bom.json": lambda: b"\xef\xbb\xbf \n" + json.dumps(RECORDS, ensure_ascii=False).encode() + b"\n",
    "pool.json.gz": lambda: gzip.compress(json.dumps(RECORDS).encode()),
    "pool.json.zst": lambda: zstd(json.dumps(RECORDS).encode()),
    "pool.csv": as_csv,
    "bom.csv": lambda: b"\xef\xbb\xbf" + as_csv(),
    "blank.csv": lambda: as_csv() + b"\r\n\r\n",
    "pool.csv.gz": lambda: gzip.compress(as_csv()),
    "pool.csv.zst": lambda: zstd(as_csv()),
    "pool.parquet": as_parquet,
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_the_same_samples(write, name):
    expected = load_samples(write(RECORDS, "expected.jsonl")).samples
    assert [sample.response for sample in expected] == ["5", "le café 🍰", 'He said: "this"']
    assert load_samples(write(FILES[name](), name)).samples == expected


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with the records as the split `train` and the first of them as `test`."""
    import datasets

    datasets.disable_progress_bars()
    folder = tmp_path / "saved"
    train, test = datasets.Dataset.from_list(RECORDS), datasets.Dataset.from_list(RECORDS[:1])
    datasets.DatasetDict({"train": train, "test": test}).save_to_disk(str(folder))
    return folder


def test_a_saved_data_set_gives_the_samples_of_its_split(write, saved):
    expected = load_samples(write(RECORDS)).samples
    both = load_samples(str(saved))
    assert both.samples == expected
    assert load_samples(str(saved / "train")).samples == expected
    test = load_samples(str(saved), split="test")
    assert (test.n_rows, test.samples) == (1, expected[:1])
    assert both.digest == load_samples(str(saved)).digest != test.digest


def test_a_shuffled_and_saved_data_set_is_read_in_its_new_order(tmp_path):
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset.from_list(RECORDS).select([2, 0]).save_to_disk(str(tmp_path / "picked"))
    assert [record.fields for record in iter_records(str(tmp_path / "picked"))] == [RECORDS[2], RECORDS[0]]


def test_rows_are_counted_without_blank_lines_and_places_with_them(write):
    records = list(iter_records(write(b'\xef\xbb\xbf\n{"a": 1}\r\n\n{"b": 2}')))
    assert [(r.row, r.where, r.raw) for r in records] == [(0, "line 2", b'{"a": 1}'), (1, "line 4", b'{"b": 2}')]
    (first, second) = iter_records(write("a,b\n\n1,2\n\n3,\n", "pool.csv"))
    assert (first.row, first.where, first.fields, first.raw) == (0, "line 3", {"a": "1", "b": "2"}, None)
    assert (second.row, second.where) == (1, "line 5")


def test_a_csv_place_is_all_the_lines_that_the_row_takes(write):
    records = list(iter_records(write('a,b\n"1\n1\n1",2\n3,4\n', "pool.csv")))
    assert [r.where for r in records] == ["lines 2 to 4", "line 5"]


def test_a_nameless_csv_column_is_taken_as_an_index_is(write):
    (record,) = iter_records(write(",a\n0,x\n", "pool.csv"))
    assert record.fields == {"column 1": "0", "a": "x"}


def test_nested_parquet_rows_are_lists_and_objects(tmp_path):
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    pq.write_table(pa.table({"conversations": [turns]}), tmp_path / "pool.parquet")
    (record,) = iter_records(str(tmp_path / "pool.parquet"))
    assert (record.where, record.fields) == ("row 0", {"conversations": turns})


def test_json_lines_are_streamed(tmp_path):
    """The second line is broken as a stream is, not as a row is: it is only met when it is read."""
    whole = gzip.compress(b'{"a": 1}\n' + b" " * 5_000_000 + b"\n")
    (tmp_path / "pool.jsonl.gz").write_bytes(whole[:-20])
    (first,) = islice(iter_records(str(tmp_path / "pool.jsonl.gz")), 1)
    assert first.fields == {"a": 1}


texts = st.text(st.characters(exclude_categories=["Cs"]))
lines = st.dictionaries(texts, texts | st.integers() | st.none(), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=st.lists(lines, min_size=1, max_size=6), ascii=st.booleans(), ending=st.sampled_from(["\n", "\r\n"]))
def test_raw_bytes_and_fields_survive_a_round_trip(write, objects, ascii, ending):
    raw = [json.dumps(each, ensure_ascii=ascii).encode() for each in objects]
    records = list(iter_records(write(ending.encode().join(raw))))
    assert [record.raw for record in records] == raw
    assert [record.fields for record in records] == objects


def test_the_digest_is_that_of_the_bytes_on_disk(write):
    source = write(b'{"question": "q", "answer": "a"}\n')
    # printf '{"question": "q", "answer": "a"}\n' | sha256sum
    assert source_digest(source) == "8bbd60c2e27c0ef03232c8a04c7b1d050ef3316e6ef3435a081d9d0d7cee81f6"
    assert load_samples(source).digest == source_digest(source)
    assert (
        source_digest(write(b'{"question": "q", "answer": "b"}\n'))
        != "8bbd60c2e27c0ef03232c8a04c7b1d050ef3316e6ef3435a081d9d0d7cee81f6"
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (253_402_300_800_000, pa.timestamp("ms"), "10000-01-01 00:00:00.000"),
        (2_932_897, pa.date32(), "10000-01-01"),
        (10**9, pa.date32(), "1000000000 (date32[day])"),
        (2**62, pa.timestamp("ms", "UTC"), f"{2**62} (timestamp[ms, tz=UTC])"),
        (253_402_300_800_000, pa.timestamp("ms", "UTC"), "10000-01-01 00:00:00.000Z"),
    ],
    ids=str,
)
def test_a_date_beyond_python_is_kept_as_text_wherever_it_is(tmp_path, value, kind, text):
    scalar = pa.array([value, 0], pa.int64()).cast(pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    listed = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), scalar)
    pairs = pa.MapArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pa.array(["k", "k"]), scalar)
    nested = pa.StructArray.from_arrays([scalar, listed], ["of", "all"])
    table = pa.table({"q": ["a", "b"], "date": scalar, "nested": nested, "map": pairs})
    pq.write_table(table, tmp_path / "pool.parquet")
    first, second = (record.fields for record in iter_records(str(tmp_path / "pool.parquet")))
    assert (str(first["date"]), str(first["nested"]["of"]), str(first["nested"]["all"][0])) == (text, text, text)
    assert (first["map"][0][0], str(first["map"][0][1])) == ("k", text)
    assert second == table.slice(1, 1).to_pylist()[0]
