"""selected.jsonl and dropped.jsonl read back as the records that went in."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icon.errors import RunError
from icon.runs.directory import RunDirectory
from icon.runs.outputs import read_records, write_outputs
from icon.types import ScoreRow


@dataclass
class Record:
    row: int
    fields: dict | None
    raw: bytes | None


def row(n, selected, status="scored"):
    return ScoreRow(f"id{n}", n, 0, status, "why", "told", selected, score=0.5, rank=n + 1)


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8"))
FIELDS = st.dictionaries(st.sampled_from(["a", "icon", "icon_2", "é"]), VALUES, min_size=1)


@given(st.lists(st.tuples(FIELDS, st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_every_record_comes_back_byte_for_byte_in_the_order_of_the_pool(tmp_path_factory, drawn):
    directory = RunDirectory(tmp_path_factory.mktemp("run"))
    raws = [json.dumps(fields, ensure_ascii=tight).encode() for fields, _, tight in drawn]
    records = [Record(n, fields, raws[n]) for n, (fields, _, _) in enumerate(drawn)]
    rows = [row(n, selected) for n, (_, selected, _) in enumerate(drawn)]
    write_outputs(directory, records, rows)
    found = list(read_records(directory, rows, "all"))
    assert [(each.row, each.raw, each.fields) for each in found] == [
        (n, raws[n], fields) for n, (fields, _, _) in enumerate(drawn)
    ]
    for which, wanted in (("selected", True), ("dropped", False)):
        kept = [each.row for each in read_records(directory, rows, which)]
        assert kept == [n for n, (_, selected, _) in enumerate(drawn) if selected is wanted]


def test_a_row_that_could_not_be_read_has_no_record(tmp_path):
    directory = RunDirectory(tmp_path)
    rows = [row(0, True), row(1, False, "bad_row")]
    write_outputs(directory, [Record(0, {"a": 1}, b'{"a": 1}'), Record(1, None, b'{"a": ')], rows)
    assert [(each.row, each.fields) for each in read_records(directory, rows, "all")] == [(0, {"a": 1}), (1, None)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("selected.jsonl", b'{"a": 1}\n'),
        ("selected.jsonl", b'{"a": 1}\n{"a": 2}\n{"a": 3}\n'),
        ("selected.jsonl", b'{"a": 1}\n[2]\n'),
        ("dropped.jsonl", b'{"a": 3, "icon": {"row": 1}}\n'),
        ("dropped.jsonl", b'{"a": 3}\n'),
    ],
)
def test_files_that_were_changed_are_refused_with_the_command_that_writes_them_again(tmp_path, name, data):
    directory = RunDirectory(tmp_path)
    rows = [row(0, True), row(1, True), row(2, False)]
    write_outputs(directory, [Record(n, {"a": n}, None) for n in range(3)], rows)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RunError, match=r"changed after the run.*icon select"):
        list(read_records(directory, rows, "all"))
