"""Fields that hold nothing for the model are no fault of a record: it is the sample that it is without them."""

from __future__ import annotations

import pytest

from icon.samples import load_samples
from support.reading import fault, only

TURNS = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ann."}]
HOLDERS = {
    "messages": {"messages": TURNS},
    "alpaca": {"instruction": "Who?", "output": "Ann."},
    "prompt-completion": {"prompt": "Who?", "completion": "Ann."},
    "preference": {"prompt": "Who?", "chosen": "Ann.", "rejected": "Bob."},
}
every_shape = pytest.mark.parametrize("shape", HOLDERS)
NAN = float("nan")

NOTHING = [
    *(("images", value) for value in (0, 3, True, NAN, "None", "nan", " null ")),
    *(("audio", value) for value in (0.0, NAN)),
    *(("options", value) for value in (4, NAN, "N/A")),
    *((name, value) for name in ("system", "system_prompt", "system_message") for value in (NAN, False, True, 0, 3)),
    *((name, value) for name in ("tools", "functions") for value in (3, NAN, True, "None")),
    *(("history", value) for value in ("none", "None", "nan", 0, NAN, True)),
    *(("thinking", value) for value in (True, 0, 12.5, NAN)),
    *(("kto_tag", value) for value in (True, NAN, None)),
]


@every_shape
@pytest.mark.parametrize(("name", "value"), NOTHING)
def test_numbers_flags_and_words_for_nothing_hold_nothing(write, shape, name, value):
    assert only(write, {**HOLDERS[shape], name: value}) == only(write, HOLDERS[shape])


@pytest.mark.parametrize(
    ("number", "more"),
    [
        *((0, {"images": value}) for value in (0, NAN, False, "None")),
        *((1, {name: value}) for name in ("thinking", "reasoning") for value in (True, 0, NAN)),
        *((1, {"train_detail": value}) for value in (0, NAN)),
        *((1, {"tool_calls": value}) for value in (0, NAN, "None")),
        (1, {"loss": 0.0}),
        (1, {"loss": 0.27}),
    ],
)
def test_nor_do_they_in_a_turn(write, number, more):
    turns = [{**turn, **more} if place == number else turn for place, turn in enumerate(TURNS)]
    assert only(write, {"messages": turns}) == only(write, HOLDERS["messages"])


@pytest.mark.parametrize(("name", "value"), [("system_prompt", "Be brief."), ("history", [["Hi", "Hello"]])])
def test_what_stands_beside_a_finished_prompt_is_named_with_the_way_out(write, name, value):
    record = {"inputs": "### Question: why?", "response": "So."}
    found = fault(write, {**record, name: value})
    assert (found.field, f"--ignore {name}" in found.valid) == (name, True)
    assert only(write, {**record, name: value}, ignore=[name]) == only(write, record)


def test_a_history_of_json_text_is_the_list_and_another_text_is_named(write):
    listed = {**HOLDERS["alpaca"], "history": [["Hi", "Hello"]]}
    assert only(write, {**listed, "history": '[["Hi", "Hello"]]'}) == only(write, listed)
    found = fault(write, {**listed, "history": "User: Hi"})
    assert (found.field, "--ignore history" in found.valid) == ("history", True)


@pytest.mark.parametrize("beside", ["Be brief. ", "\nBe brief.\n", "Be brief."])
def test_a_system_prompt_beside_the_same_one_is_one_whatever_white_space_is_around(write, beside):
    turns = [{"role": "system", "content": "Be brief."}, *TURNS]
    assert only(write, {"messages": turns, "system_prompt": beside}) == only(write, {"messages": turns})
    turns[0]["content"] = "Be brief.\n"
    assert only(write, {"messages": turns, "system_prompt": beside}) == only(write, {"messages": turns})


@pytest.mark.parametrize(
    "record",
    [HOLDERS["alpaca"], {"prompt": "Who?", "response": "Ann."}, {"question": "Who?", "answer": "Ann."}],
    ids=["alpaca", "response", "answer"],
)
def test_a_label_of_false_is_the_name_of_a_class_where_no_data_of_marks_has_it(write, record):
    assert only(write, {**record, "label": False}) == only(write, record)


@pytest.mark.parametrize("shape", ["messages", "prompt-completion"])
def test_a_label_of_false_beside_messages_or_a_completion_is_a_mark(write, shape):
    assert fault(write, {**HOLDERS[shape], "label": False}).field == "label"


def test_the_name_of_what_was_chosen_is_no_answer_of_a_pair(write):
    record = {**HOLDERS["alpaca"], "chosen": "model_a"}
    assert only(write, record) == only(write, HOLDERS["alpaca"])
    assert fault(write, {**record, "rejected": "model_b"}, format="alpaca").field == "chosen"
    assert fault(write, {**record, "chosen": TURNS}, format="alpaca").field == "chosen"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"system": ["Be brief."]}, "system"),
        ({"system": "Be brief.", "system_prompt": "Be long."}, "system_prompt"),
        ({"tools": "search, calculator"}, "tools"),
        ({"tools": {"name": "search"}}, "tools"),
        ({"tools": [{"name": "a"}], "functions": [{"name": "b"}]}, "functions"),
        ({"tools": ["{search"]}, "tools"),
        ({"input": "a", "context": "b"}, "context"),
        ({"input": ["a"]}, "input"),
        ({"history": [["Hi"]]}, "history[0]"),
    ],
)
def test_the_fault_of_a_field_beside_says_how_it_is_ignored(write, more, field):
    found = fault(write, {**HOLDERS["alpaca"], **more})
    assert found.field == field
    name = field.partition("[")[0]
    assert f"--ignore {name}" in found.valid
    assert len(load_samples(write([{**HOLDERS["alpaca"], **more}]), ignore=[name]).samples) == 1
