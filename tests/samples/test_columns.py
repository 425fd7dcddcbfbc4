"""Fields that the user names are read, and names that do not fit are told."""

from __future__ import annotations

import pytest

from icon.errors import ConfigError, InputError
from icon.samples import load_samples
from icon.types import Message

RECORD = {"q": "Add.", "a": "5", "data": "2, 3", "sys": "Be brief.", "kind": "maths", "group": "ignored"}


@pytest.mark.parametrize("prompt", ["prompt", "instruction"])
def test_named_fields_become_the_parts_of_a_sample(write, prompt):
    columns = {prompt: "q", "response": "a", "input": "data", "system": "sys", "group": "kind"}
    loaded = load_samples(write([RECORD]), columns=columns)
    (sample,) = loaded.samples
    assert loaded.format == "columns"
    assert (sample.system, sample.instruction, sample.passage) == ("Be brief.", "Add.", "2, 3")
    assert (sample.response, sample.group, sample.rendered) == ("5", "maths", False)


def test_parts_that_are_not_named_are_not_read(write):
    (sample,) = load_samples(write([RECORD]), columns={"prompt": "q", "response": "a"}).samples
    assert (sample.system, sample.passage, sample.group) == ("", "", "ignored")


UNNAMED = {
    "system": "Be long.",
    "tools": [{"type": "function", "function": {"name": "f"}}],
    "history": "Roman",
    "options": ["2", "5"],
    "images": ["a.png"],
    "reasoning": "Rated 5.",
    "input": "7",
    "label": False,
    "chosen": "4",
    "rejected": "6",
}


@pytest.mark.parametrize("name", UNNAMED)
def test_a_field_that_is_not_named_changes_nothing_whatever_its_name(write, name):
    columns = {"prompt": "q", "response": "a"}
    (sample,) = load_samples(write([{**RECORD, name: UNNAMED[name]}]), columns=columns).samples
    # printf '[[["user","Add."]],"","5"]' | b2sum -l 64
    assert (sample.id, sample.system, sample.tools) == ("2c08fa56f00682a7", "", "")
    assert (sample.messages, sample.group) == ((Message("user", "Add."),), "ignored")


def test_a_field_of_any_name_may_be_named(write):
    columns = {"prompt": "history", "response": "rejected", "system": "thinking", "input": "options"}
    record = {"history": "Add.", "rejected": "5", "thinking": "Be brief.", "options": "2, 3", "chosen": "4"}
    (sample,) = load_samples(write([record]), columns=columns).samples
    assert (sample.system, sample.instruction, sample.passage) == ("Be brief.", "Add.", "2, 3")
    assert (sample.response, sample.reasoning) == ("5", "")


def test_a_named_field_that_is_missing_is_told_with_those_there_are(write):
    with pytest.raises(InputError, match=r"the field 'Q'; valid: one of its fields \(q, a, data"):
        load_samples(write([RECORD]), columns={"prompt": "Q", "response": "a"})


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"prompt": "q", "answer": "a"}, "found the part 'answer'; valid: prompt, instruction, response"),
        ({"prompt": "q"}, "valid: response and one of prompt and instruction"),
        ({"response": "a"}, "valid: response and one of prompt and instruction"),
        ({"prompt": "q", "instruction": "q", "response": "a"}, "valid: response and one of prompt and instruction"),
    ],
)
def test_parts_that_do_not_fit_are_told(write, columns, told):
    with pytest.raises(ConfigError, match=told):
        load_samples(write([RECORD]), columns=columns)


def test_a_format_and_columns_exclude_each_other(write):
    with pytest.raises(ConfigError, match="both the format 'alpaca' and columns"):
        load_samples(write([RECORD]), format="alpaca", columns={"prompt": "q", "response": "a"})
