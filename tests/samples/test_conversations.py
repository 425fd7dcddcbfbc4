"""Turns become prompts and responses by rules that are told, and what breaks them is a fault that says where."""

from __future__ import annotations

import pytest

from icon.errors import BadRowsError
from icon.samples import load_samples
from icon.types import Message


def conversation(*turns):
    names = {"s": "system", "u": "user", "a": "assistant"}
    return {"messages": [{"role": names.get(role, role), "content": content} for role, content in turns]}


LONG = conversation(("s", "Be kind."), ("u", "Hi"), ("a", "Hello"), ("u", "Add 2 and 3."), ("a", "5"))


def test_the_last_assistant_turn_is_the_response_and_all_before_it_the_prompt(write):
    (sample,) = load_samples(write([LONG])).samples
    assert (sample.system, sample.instruction, sample.response, sample.turn) == ("Be kind.", "Add 2 and 3.", "5", 1)
    assert sample.history == (Message("user", "Hi"), Message("assistant", "Hello"))


def test_every_turn_gives_one_sample_an_assistant_turn(write):
    samples = load_samples(write([LONG]), every_turn=True).samples
    assert [(s.turn, s.row, s.instruction, s.response) for s in samples] == [
        (0, 0, "Hi", "Hello"),
        (1, 0, "Add 2 and 3.", "5"),
    ]
    assert samples[1] == load_samples(write([LONG])).samples[0]


def test_what_the_user_says_behind_the_last_answer_belongs_to_no_sample(write):
    answered = conversation(("u", "Hi"), ("a", "Hello"))
    unanswered = conversation(("u", "Hi"), ("a", "Hello"), ("u", "Are you there?"))
    loaded = load_samples(write([answered, unanswered]))
    assert [each.id for each in loaded.duplicates] == [loaded.samples[0].id]


def test_a_blank_system_turn_is_as_good_as_none(write):
    (sample,) = load_samples(write([conversation(("s", " "), ("u", "Hi"), ("a", "Hello"))])).samples
    assert sample.messages == (Message("user", "Hi"),)


@pytest.mark.parametrize(
    ("turns", "field", "found"),
    [
        ([("u", "a"), ("u", "b"), ("a", "c")], "messages[1]", "role 'user' after one of role 'user'"),
        ([("u", "a"), ("a", "b"), ("a", "c")], "messages[2]", "role 'assistant' after one of role 'assistant'"),
        ([("a", "hello"), ("u", "a"), ("a", "b")], "messages[0]", "role 'assistant' at the beginning"),
        ([("s", "x"), ("a", "b")], "messages[1]", "role 'assistant' after one of role 'system'"),
        ([("u", "a"), ("s", "x"), ("a", "b")], "messages[1]", "role 'system' after one of role 'user'"),
        ([("u", "a"), ("tool", "4"), ("a", "b")], "messages[1]", "role 'tool' after one of role 'user'"),
        ([("u", "a"), ("critic", "4"), ("a", "b")], "messages[1].role", "the role 'critic'"),
        ([("u", "a"), (None, "4")], "messages[1].role", "null"),
        ([("u", " "), ("a", "b")], "messages[0].content", "blank text"),
        ([("u", "a"), ("a", "")], "messages[1].content", "an empty text"),
        ([("u", "a"), ("a", None)], "messages[1].content", "null"),
        ([("u", [{"type": "image_url"}]), ("a", "b")], "messages[0].content[0]", "a part of type 'image_url'"),
        ([("u", ["x"]), ("a", "b")], "messages[0].content[0]", "text of 1 characters"),
        ([("u", "a")], "messages", "no assistant turn"),
        ([("s", " ")], "messages", "no assistant turn"),
        ([], "messages", "an empty list"),
    ],
)
def test_a_turn_that_breaks_the_rules_is_named(write, turns, field, found):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([conversation(*turns)]))
    (fault,) = caught.value.faults
    assert (fault.where, fault.field) == ("line 1", field)
    assert found in fault.found
    assert fault.valid


def test_the_fault_of_an_unknown_role_says_the_valid_ones(write):
    with pytest.raises(BadRowsError, match="valid: one of system, human, user, gpt, assistant, function_call"):
        load_samples(write([{"conversations": [{"from": "critic", "value": "x"}]}]))


@pytest.mark.parametrize(
    ("prompt", "completion", "field"),
    [
        ([("u", "a")], "text", "completion"),
        ([("u", "a")], [("a", "b"), ("a", "c")], "completion"),
        ([("u", "a")], [("u", "b")], "completion[0].role"),
        ([("u", "a"), ("a", "b")], [("a", "c")], "prompt"),
        ([("s", "")], [("a", "c")], "prompt"),
        ("text", [("a", "c")], "completion"),
    ],
)
def test_a_prompt_and_completion_that_do_not_fit_are_named(write, prompt, completion, field):
    listed = [part if isinstance(part, str) else conversation(*part)["messages"] for part in (prompt, completion)]
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([dict(zip(("prompt", "completion"), listed, strict=True))]))
    assert [fault.field for fault in caught.value.faults] == [field]


def test_a_record_with_completion_and_response_is_ambiguous(write):
    with pytest.raises(BadRowsError, match="valid: one of the two"):
        load_samples(write([{"prompt": "a", "completion": "b", "response": "c"}]))
