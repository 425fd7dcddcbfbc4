"""The user's records go out byte for byte, and none is missing."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icon.runs.directory import RunDirectory
from icon.runs.outputs import write_outputs
from icon.runs.scores import read_scores, write_scores
from icon.types import ScoreRow


@dataclass
class Record:
    row: int
    fields: dict | None
    raw: bytes | None


def row(n, selected, turn=0, **more):
    return ScoreRow(f"id{n}", n, turn, "scored", "", "why", selected, **more)


def test_selected_records_are_the_users_bytes(tmp_path):
    raw = b'{"output":  "\\u00e9", "n": 1.50, "instruction": "a"}'
    write_outputs(RunDirectory(tmp_path), [Record(0, json.loads(raw), raw)], [row(0, True)])
    assert (tmp_path / "selected.jsonl").read_bytes() == raw + b"\n"
    assert (tmp_path / "dropped.jsonl").read_bytes() == b""


def test_dropped_records_are_the_users_bytes_with_one_field_behind_them(tmp_path):
    raw = b'{"n": 1.50, "s": "\\u00e9"}'
    write_outputs(RunDirectory(tmp_path), [Record(4, json.loads(raw), raw)], [row(4, False, score=0.5, rank=9)])
    line = (tmp_path / "dropped.jsonl").read_bytes()
    assert line.startswith(b'{"n": 1.50, "s": "\\u00e9", "icon": ')
    told = json.loads(line)["icon"]
    assert told == {"row": 4, "id": "id4", "status": "scored", "score": 0.5, "rank": 9, "reason": "why"}


@pytest.mark.parametrize("raw", [b'{"icon": "mine"}', b'{"\\u0069con": "mine"}'])
def test_a_record_that_has_an_icon_field_keeps_it(tmp_path, raw):
    write_outputs(RunDirectory(tmp_path), [Record(0, {"icon": "mine"}, raw)], [row(0, False)])
    record = json.loads((tmp_path / "dropped.jsonl").read_text())
    assert record["icon"] == "mine"
    assert record["icon_2"]["reason"] == "why"


def test_a_row_that_could_not_be_read_is_dropped_with_its_reason(tmp_path):
    bad = ScoreRow("", 3, 0, "bad_row", "truncated", "dropped: truncated")
    assert write_outputs(RunDirectory(tmp_path), [Record(3, None, b'{"a": ')], [bad]) == (0, 1)
    told = json.loads((tmp_path / "dropped.jsonl").read_text())["icon"]
    assert told["status"] == "bad_row"
    assert told["row"] == 3


def test_a_record_is_selected_if_one_of_its_turns_is(tmp_path):
    record = Record(0, {"a": 1}, None)
    rows = [row(0, False, turn=0), row(0, True, turn=1)]
    assert write_outputs(RunDirectory(tmp_path), [record], rows) == (1, 0)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=4))
def test_whatever_the_record_a_dropped_line_parses_to_it_and_one_field_more(tmp_path_factory, fields):
    folder = tmp_path_factory.mktemp("out")
    raw = json.dumps(fields).encode()
    write_outputs(RunDirectory(folder), [Record(0, fields, raw)], [row(0, False)])
    got = json.loads((folder / "dropped.jsonl").read_text())
    assert {key: got[key] for key in fields} == fields
    assert len(got) == len(fields) + 1


def test_scores_read_back_in_the_order_of_the_rows(tmp_path):
    rows = [row(2, False), row(1, True, score=0.5, groups={"a": 0.1}, baselines={"length": 3.0}, rank=1)]
    write_scores(tmp_path / "scores.parquet", rows, "f")
    assert read_scores(tmp_path / "scores.parquet") == rows[::-1]
