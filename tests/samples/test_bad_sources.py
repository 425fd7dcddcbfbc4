"""A source that cannot be used as a whole is an InputError that says what is valid, never a traceback."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from icon.errors import BadRowsError, InputError
from icon.samples import load_samples
from icon.samples.records import copied_records, iter_records, source_digest

ROWS = b"".join(b'{"question": "q%d", "answer": "a"}\n' % n for n in range(2000))


def message(source, **options):
    with pytest.raises(InputError) as caught:
        list(iter_records(source, **options))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.jsonl", b"", "has no records"),
        ("blank.jsonl", b"\n \n", "has no records"),
        ("empty.jsonl.gz", b"", "has no records"),
        ("empty.jsonl.zst", b"", "has no records"),
        ("utf16.jsonl", '{"a": 1}'.encode("utf-16"), "found UTF-16 text; valid: UTF-8"),
        ("wrong.jsonl.gz", ROWS, "cannot be read as gzip: Not a gzipped file"),
        ("wrong.jsonl.zst", ROWS, "cannot be read as Zstandard"),
        (
            "damaged.jsonl.gz",
            gzip.compress(ROWS)[:-8] + b"\0" * 8,
            "cannot be read as gzip after row 1999: CRC check failed",
        ),
        ("cut.jsonl.gz", gzip.compress(ROWS)[:-9], "ends too early"),
        ("cut.jsonl.zst", zstandard.compress(ROWS)[:-9], "ends too early"),
        ("pool.txt", ROWS, "found the file ending '.txt'; valid: .jsonl"),
        ("pool", ROWS, "found the file ending '(none)'; valid: .jsonl"),
        ("pool.gz", ROWS, "found the file ending '.gz'; valid: .jsonl"),
        ("pool.parquet.gz", ROWS, "found the file ending '.gz'; valid: .jsonl"),
        ("empty.json", b"", "found an empty file; valid: an array of objects"),
        ("none.json", b"[]", "has no records"),
        ("object.json", b'{"a": 1}\n{"a": 2}\n', "objects without an array around them"),
        ("object.json", b'{"train": [{"a": 1}], "test": [{"a": 2}]}', "an object with 2 of them (train, test)"),
        ("object.json", b'{"messages": [{"role": "user"}]}', "found an object; valid: an array"),
        ("object.json", b'{"data": [{"a": 1}, {"b"', "row 1: found invalid JSON"),
        ("object.json", b'{"data": [{"a": 1}]', "valid: ',' or '}'"),
        ("object.json", b'{\n"a": 1\n}', "found an object; valid: an array"),
        ("lines.json", ROWS, "if this is JSON Lines, name the file .jsonl"),
        ("text.json", b"hello", "found 'hello' at the beginning; valid: an array"),
        ("cut.json", b'[{"a": 1}, {"a": ', "row 1: found invalid JSON, Expecting value at line 1 column 18"),
        ("cut.json", b'[{"a": 1}', "after row 0: found the end of the file"),
        ("comma.json", b'[{"a": 1}\n {"a": 2}]', "after row 0: found '{' at line 2 column 2; valid: ',' or ']'"),
        ("comma.json", b'[{"a": 1},]', "row 1: found invalid JSON"),
        ("two.json", b"[{}]\n[{}]", "found more text after the array"),
        ("latin.json", b'[{"a": "caf\xe9"}]', "not UTF-8 at byte offset 11"),
        ("deep.json", b"[" * 100_000, "row 0: found JSON that is nested too deeply"),
        ("digits.json", b"[{}, " + b"9" * 5000 + b"]", "row 1: found a whole number of more than 4,300 digits"),
        ("empty.csv", b"", "found an empty file; valid: a header row"),
        ("only_header.csv", b"a,b\n", "has no records"),
        ("blank.csv", b"\na,b\n", "found a blank first line; valid: a header row"),
        ("nameless.csv", b",,\n1,2,3\n", "found a blank first line; valid: a header row"),
        ("twice.csv", b"a,b,a\n1,2,3\n", "found the column 'a' twice"),
        ("utf16.csv", "a,b\n1,2\n".encode("utf-16"), "not UTF-8"),
        ("quote.csv", b'"a,b\n1,2\n', "line 1: found broken CSV"),
        ("wrong.parquet", ROWS, "cannot be read as Parquet"),
        ("empty.parquet", b"", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_valid(write, name, content, told):
    source = write(content, name)
    assert told in message(source)
    assert message(source).startswith(source)


@pytest.mark.parametrize(
    "name", ["pool.jsonl", "pool.csv.gz", "./pool", "/nowhere/pool", "a/b/c", "pool\0x", "x" * 300 + "/.."]
)
def test_a_missing_file_is_told_without_asking_the_hub(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "no such file or folder" in message(name) or "cannot be opened" in message(name)


def test_a_parquet_file_whose_column_has_a_name_that_is_no_utf_8_is_refused(tmp_path):
    pq.write_table(pa.table({"instruction": ["q"], "output": ["a"]}), tmp_path / "pool.parquet", compression="none")
    data = (tmp_path / "pool.parquet").read_bytes()
    (tmp_path / "pool.parquet").write_bytes(data.replace(b"instruction", b"\xf3nstruction"))
    with pytest.raises(InputError, match=r"pool\.parquet: cannot be read as Parquet: a column's name is no UTF-8"):
        load_samples(str(tmp_path / "pool.parquet"))


def test_what_is_read_before_a_file_breaks_off_still_comes(write):
    records = iter_records(write(gzip.compress(ROWS, 0)[:-30], "cut.jsonl.gz"))
    assert next(records).fields == {"question": "q0", "answer": "a"}
    with pytest.raises(InputError, match="ends too early"):
        list(records)


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "csv.gz"])
def test_the_last_row_before_a_file_breaks_off_is_named(write, tmp_path, ending):
    rows = [{"question": f"q{n}", "answer": f"{n * 7919} words"} for n in range(20_000)]
    text = "\n".join(json.dumps(row) for row in rows)
    if ending.startswith("csv"):
        text = "\n".join(["question,answer", *(f"{row['question']},{row['answer']}" for row in rows)])
    whole = zstandard.compress(text.encode(), 1) if ending.endswith("zst") else gzip.compress(text.encode(), 0)
    records = iter_records(write(whole[: int(len(whole) * 0.9)], f"cut.{ending}"))
    seen = [-1]
    with pytest.raises(InputError) as caught:
        seen.extend(record.row for record in records)
    last = seen[-1]
    assert f"the compressed data ends too early after row {last}; the file is incomplete" in str(caught.value)
    assert 0 < last < 19_000
    if "json" in ending:
        with pytest.raises(InputError, match=f"too early after row {last};"):
            list(copied_records(str(tmp_path / f"cut.{ending}")))


def test_a_folder_that_is_no_data_set_is_told(tmp_path):
    assert "a folder without a data set saved with datasets' save_to_disk" in message(str(tmp_path))


def test_an_unknown_split_is_told_with_the_valid_ones(tmp_path):
    import datasets

    datasets.disable_progress_bars()
    datasets.DatasetDict({"train": datasets.Dataset.from_list([{"a": 1}])}).save_to_disk(str(tmp_path))
    assert "has no split 'test'; valid: train" in message(str(tmp_path), split="test")


def test_a_pipe_is_told(tmp_path):
    os.mkfifo(tmp_path / "pool.jsonl")
    assert "neither a file nor a folder" in message(str(tmp_path / "pool.jsonl"))


def test_a_digest_of_nothing_is_an_input_error():
    with pytest.raises(InputError, match="no such file"):
        source_digest("nowhere.jsonl")


def test_a_hub_name_that_cannot_be_loaded_is_an_input_error():
    """In a process of its own, because the hub's client reads its offline switch when it is imported."""
    program = (
        "from icon.errors import InputError\n"
        "from icon.samples import load_samples\n"
        "try:\n    load_samples('nobody/nothing', split='validation')\n"
        "except InputError as error:\n    print(error)"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "no file or folder of that name" in done.stdout
    assert "the hub is switched off for its libraries (HF_HUB_OFFLINE)" in done.stdout


def test_csv_rows_have_faults_of_their_own(write):
    lines = ["instruction,output", "q1,a1", "q2", "q3,a3,x", 'q4,"a"4', "q5,caf\xe9", "q6,a6"]
    loaded = load_samples(write("\n".join(lines).encode("latin-1"), "pool.csv"), on_bad_row="skip")
    assert [sample.instruction for sample in loaded.samples] == ["q1", "q6"]
    assert [(fault.where, fault.field, fault.found) for fault in loaded.faults] == [
        ("line 3", "", "1 cells"),
        ("line 4", "", "3 cells"),
        ("line 5", "", "broken CSV, ',' expected after '\"'"),
        ("line 6", "output", "byte 0xe9 at byte offset 3 of the field, which is not UTF-8"),
    ]


def test_a_csv_quote_that_is_never_closed_is_a_fault_and_swallows_nothing_silently(write):
    loaded = load_samples(write('question,answer\nq1,a1\nq2,"a2\nq3,a3\n', "pool.csv"), on_bad_row="skip")
    assert [sample.instruction for sample in loaded.samples] == ["q1"]
    found = "broken CSV, unexpected end of data; a quote that opens on line 3 takes in the 1 after it"
    assert [(fault.where, fault.found) for fault in loaded.faults] == [("lines 3 to 4", found)]


def test_a_csv_quote_that_swallows_lines_is_reported_with_all_of_them(write):
    lines = ["question,answer", "q1,a1", '"q2,a2', "q3,a3", '"q4,a4"', "q5,a5"]
    loaded = load_samples(write("\n".join(lines), "pool.csv"), on_bad_row="skip")
    assert [sample.instruction for sample in loaded.samples] == ["q1", "q5"]
    (fault,) = loaded.faults
    assert str(fault).startswith(
        "lines 3 to 5 (row 1): found broken CSV, ',' expected after '\"'; a quote that opens on line 3 "
    )


def test_a_parquet_file_with_two_columns_of_one_name_is_refused_as_a_csv_file_is(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = pa.array(["one", "two"])
    table = pa.Table.from_arrays([texts, texts, pa.array(["uno", "dos"])], ["question", "answer", "answer"])
    pq.write_table(table, tmp_path / "pool.parquet")
    with pytest.raises(InputError, match=r"pool\.parquet: found the column 'answer' twice; valid: columns of distinct"):
        load_samples(str(tmp_path / "pool.parquet"))


def test_csv_fields_are_not_held_to_the_csv_modules_own_limit(write):
    import csv

    before = csv.field_size_limit()
    long, too_long = "x" * 200_000, "y" * 1_000_001
    assert len(long) > before
    source = write(f"question,answer\nq1,{long}\nq2,{too_long}\nq3,a3\n", "pool.csv")
    loaded = load_samples(source, on_bad_row="skip")
    assert [sample.instruction for sample in loaded.samples] == ["q1", "q3"]
    assert [(fault.where, fault.field) for fault in loaded.faults] == [("line 3", "answer")]
    records = list(iter_records(source, max_bytes_per_row=100))
    assert [record.fault is not None for record in records] == [True, True, False]
    assert csv.field_size_limit() == before


def test_a_json_array_with_elements_that_are_no_objects_tells_their_rows(write):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write('[{"question": "q", "answer": "a"}, 5, null]', "pool.json"))
    assert [(fault.row, fault.where) for fault in caught.value.faults] == [(1, "row 1"), (2, "row 2")]


def test_a_parquet_text_that_is_not_utf8_is_a_fault_of_its_row(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = pa.array([b"a0", b"caf\xe9", b"a2"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"question": ["q0", "q1", "q2"], "answer": raw}), tmp_path / "pool.parquet")
    loaded = load_samples(str(tmp_path / "pool.parquet"), on_bad_row="skip")
    assert [sample.response for sample in loaded.samples] == ["a0", "a2"]
    assert [(fault.where, fault.field) for fault in loaded.faults] == [("row 1", "answer")]
    assert "not UTF-8 at byte offset 3" in loaded.faults[0].found


def test_a_shard_that_is_damaged_is_named_with_the_last_row_that_could_be_read(tmp_path):
    rows = pa.table({"instruction": [f"q {n}" for n in range(600)], "output": ["a"] * 600})
    for name in ("a", "b"):
        pq.write_table(rows, tmp_path / f"{name}.parquet", row_group_size=200, compression="none", use_dictionary=False)
    path = tmp_path / "b.parquet"
    start = pq.read_metadata(path).row_group(2).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"b\.parquet: cannot be read as Parquet after row 399: "):
        load_samples(str(tmp_path))
