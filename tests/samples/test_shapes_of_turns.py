"""Lists of turns without roles are read as meant: texts in turns (LIMA), questions with answers (Capybara)."""

from __future__ import annotations

import json

import pytest

from icon.errors import BadRowsError
from icon.samples import load_samples
from icon.types import Message

BEFORE = (Message("user", "q1"), Message("assistant", "a1"), Message("user", "q2"))

TEXTS = ["q1", "a1", "q2", "a2"]
EXCHANGES = [{"input": "q1", "output": "a1"}, {"input": "q2", "output": "a2"}]
TURNS = [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(TEXTS)]


@pytest.mark.parametrize("field", ["conversations", "conversation", "messages"])
@pytest.mark.parametrize(
    "turns", [TEXTS, EXCHANGES, TURNS, json.dumps(TURNS)], ids=["LIMA", "Capybara", "roles", "JSON"]
)
def test_the_last_answer_is_the_response_in_every_shape(write, field, turns):
    record = {field: turns, "source": "made"}
    (sample,) = load_samples(write([record])).samples
    assert (sample.messages, sample.response, sample.turn) == (BEFORE, "a2", 1)
    first, last = load_samples(write([record]), every_turn=True).samples
    assert (first.messages, first.response, last) == (BEFORE[:1], "a1", sample)


def test_a_text_after_the_last_answer_is_a_question_without_one(write):
    (sample,) = load_samples(write([{"conversations": ["q1", "a1", "q2"]}])).samples
    assert (sample.messages, sample.response) == (BEFORE[:1], "a1")


@pytest.mark.parametrize(
    ("turns", "field"),
    [
        (["q1"], "conversations"),
        (["q1", " "], "conversations[1]"),
        (["q1", {"from": "gpt", "value": "a1"}], "conversations[0]"),
        ([{"input": "q1", "output": ""}], "conversations[0].output"),
        ([{"input": None, "output": "a1"}], "conversations[0].input"),
        ([{"input": "q1", "output": "a1"}, {"input": "q2"}], "conversations[0].from"),
        ("[{", "conversations"),
        ("{}", "conversations"),
    ],
)
def test_what_breaks_the_shape_is_named(write, turns, field):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([{"conversations": turns}]), format="sharegpt")
    assert [fault.field for fault in caught.value.faults] == [field]


WRAPPED = [{"question": f"q{n}", "answer": f"a{n}"} for n in range(3)]


@pytest.mark.parametrize(
    "whole",
    [
        WRAPPED,
        {"data": WRAPPED},
        {"version": "1", "licence": {"name": "x"}, "rows": WRAPPED, "tags": ["a", "b"], "notes": []},
        {"instances": WRAPPED, "messages": [{"role": "user", "content": "of no record"}]},
    ],
    ids=["array", "data", "rows between others", "messages are no records"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_file_with_one_list_of_records_is_that_list(write, whole, indent):
    loaded = load_samples(write("\ufeff" + json.dumps(whole, indent=indent), "pool.json"))
    assert [(sample.row, sample.instruction, sample.response) for sample in loaded.samples] == [
        (0, "q0", "a0"),
        (1, "q1", "a1"),
        (2, "q2", "a2"),
    ]


def test_a_wrapped_list_has_bad_rows_like_any_other(write):
    loaded = load_samples(write(json.dumps({"data": [*WRAPPED, 7]}), "pool.json"), on_bad_row="skip")
    assert (loaded.n_rows, [fault.row for fault in loaded.faults]) == (4, [3])


def test_tables_hold_turns_and_tools_with_null_in_the_place_of_what_a_turn_lacks(tmp_path, write):
    import pyarrow as pa
    import pyarrow.parquet as pq

    calls = [{"type": "function", "function": {"name": "f", "arguments": {"a": "1"}}}]
    nothing = {"tool_calls": None, "tool_call_id": None, "images": None, "weight": None}
    turns = [
        {"role": "user", "content": "q", **nothing},
        {"role": "assistant", "content": None, **nothing, "tool_calls": calls},
        {"role": "tool", "content": "r", **nothing, "tool_call_id": "1", "images": []},
        {"role": "assistant", "content": "a", **nothing, "tool_calls": []},
    ]
    pq.write_table(pa.table({"messages": [turns]}), tmp_path / "pool.parquet")
    bare = [{name: value for name, value in turn.items() if value} for turn in turns]
    (table,) = load_samples(str(tmp_path / "pool.parquet")).samples
    assert table == load_samples(write([{"messages": bare}])).samples[0]
