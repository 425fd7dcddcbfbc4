"""A sample's id follows from its content alone, and from all of it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icon.samples import content_id, load_samples
from icon.types import Message


def user(text):
    return (Message("user", text),)


def test_an_id_is_16_hex_digits_and_never_changes():
    # printf '[[["user","Add 2 and 3."]],"","5"]' | b2sum -l 64
    assert content_id(user("Add 2 and 3."), "", "5") == "fa4f8eb1735524d3"


def test_moved_boundaries_make_other_ids():
    prompts = [
        content_id(user("ab"), "", "c"),
        content_id(user("a"), "", "bc"),
        content_id(user("a"), "b", "c"),
        content_id(user(""), "ab", "c"),
        content_id((Message("system", "a"), Message("user", "b")), "", "c"),
        content_id((Message("user", "a"), Message("assistant", "b")), "", "c"),
        content_id(user('a"]],"b'), "", "c"),
        content_id(user("AB"), "", "c"),
        content_id(user("ab "), "", "c"),
    ]
    assert len(set(prompts)) == len(prompts)


texts = st.text(max_size=6)
prompts = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts), max_size=3).map(tuple)
contents = st.tuples(prompts, texts, texts)


@given(contents, contents)
def test_ids_are_equal_exactly_where_contents_are(one, other):
    assert (content_id(*one) == content_id(*other)) == (one == other)


def test_ids_do_not_depend_on_row_field_order_group_or_source(write):
    records = [{"instruction": f"q{n}", "input": "", "output": "a", "category": "x"} for n in range(20)]
    before = {sample.instruction: sample.id for sample in load_samples(write(records)).samples}
    rng = random.Random(1)
    rng.shuffle(records)
    turned = [{"extra": 1, **dict(reversed(record.items())), "group": str(rng.random())} for record in records]
    after = {sample.instruction: sample.id for sample in load_samples(write(turned, "other.jsonl")).samples}
    assert after == before
    assert len(set(before.values())) == 20


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "Hi", "completion": "Hello"},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
    ],
)
def test_the_same_content_has_the_same_id_in_every_format(write, record):
    expected = load_samples(write([{"question": "Hi", "answer": "Hello"}], "expected.jsonl")).samples[0].id
    assert load_samples(write([record])).samples[0].id == expected
