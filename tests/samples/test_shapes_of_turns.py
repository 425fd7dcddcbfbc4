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


EXCHANGE = {"input": "q1", "output": "a1"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"images": ["x.png"]}, "conversation[0].images"),
        ({"options": ["a", "b"]}, "conversation[0].options"),
        ({"tools": [{"name": "f"}]}, "conversation[0].tools"),
        ({"train_detail": [{"train": False}]}, "conversation[0].train_detail"),
        ({"thinking": ["a"]}, "conversation[0].thinking"),
        ({"thinking": "Hm."}, "reasoning"),
        ({"weight": 0}, "conversation"),
        ({"tool_calls": [{"name": "f", "arguments": {}}]}, "conversation[0]"),
    ],
)
def test_a_question_with_its_answer_is_checked_as_a_turn_with_a_role_is(write, more, field):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([{"conversation": [{**EXCHANGE, **more}]}]))
    assert [fault.field for fault in caught.value.faults] == [field]
    (name,) = more
    (bare,) = load_samples(write([{"conversation": [EXCHANGE]}])).samples
    for turns in ([{**EXCHANGE, **more}], json.dumps([{**EXCHANGE, **more}])):
        assert load_samples(write([{"conversation": turns}]), ignore=[name]).samples == [bare]


def test_the_marks_thoughts_and_weights_of_answers_count_beside_their_questions(write):
    """The same samples as from turns with roles, so that no two of them are taken for one."""
    marks = [{}, {"weight": 0}, {"thinking": "Hm."}, {"weight": 0.5}, {"train": False, "thinking": "Hm."}]
    exchanges = [{"conversation": [{**EXCHANGE, **mark}, {"input": "q2", "output": "a2"}]} for mark in marks]
    turns = [{"messages": [TURNS[0], {**TURNS[1], **mark}, *TURNS[2:]]} for mark in marks]
    loaded = load_samples(write(exchanges), reasoning="ignore")
    assert loaded.samples == load_samples(write(turns, "turns.jsonl"), reasoning="ignore").samples
    assert (len(loaded.samples), loaded.duplicates) == (5, [])
    every = load_samples(write(exchanges[1:3]), every_turn=True, reasoning="response").samples
    assert [sample.response for sample in every] == ["a2", "<think>\nHm.\n</think>\n\na1", "a2"]


def test_a_system_prompt_in_the_first_exchange_is_the_first_turn(write):
    first = {**EXCHANGE, "system": "Be brief."}
    (sample,) = load_samples(write([{"conversation": [first]}])).samples
    assert (sample.system, sample.instruction) == ("Be brief.", "q1")
    with pytest.raises(BadRowsError, match="a turn of role 'system' after one of role 'assistant'"):
        load_samples(write([{"conversation": [EXCHANGE, first]}]))


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


@pytest.mark.parametrize("whole", [{"data": []}, {"version": 1, "data": [], "tags": []}, {"data": [], "train": []}])
def test_a_list_of_records_that_is_empty_is_said_to_be_empty(write, whole):
    from icon.errors import InputError

    path = write(json.dumps(whole), "pool.json")
    with pytest.raises(InputError, match=r"found an object whose lists? \(.*data.*\) (is|are) empty; valid:"):
        load_samples(path)
