"""A passage beside a question is in the sample under either name in every format with one question, and never lost."""

from __future__ import annotations

import pytest

from icon.errors import BadRowsError
from icon.samples import load_samples
from icon.types import Message

QUESTION, ANSWER = "Who wrote it?", "Ann."
ANSWERED = {"role": "assistant", "content": ANSWER}
OTHER = {"role": "assistant", "content": "Bob."}

HOLDERS = {
    "alpaca": {"instruction": QUESTION, "output": ANSWER},
    "dolly": {"instruction": QUESTION, "response": ANSWER},
    "openorca": {"question": QUESTION, "response": ANSWER},
    "question-answer": {"question": QUESTION, "answer": ANSWER},
    "prompt and completion": {"prompt": QUESTION, "completion": ANSWER},
    "prompt and response": {"prompt": QUESTION, "response": ANSWER},
    "prompt and completion of turns": {"prompt": [{"role": "user", "content": QUESTION}], "completion": [ANSWERED]},
    "pair of texts": {"question": QUESTION, "chosen": ANSWER, "rejected": "Bob."},
    "pair of an instruction": {"instruction": QUESTION, "chosen": ANSWERED, "rejected": OTHER},
    "pair of a prompt": {"prompt": QUESTION, "chosen": [ANSWERED], "rejected": [OTHER]},
    "pair of turns": {"prompt": [{"role": "user", "content": QUESTION}], "chosen": [ANSWERED], "rejected": [OTHER]},
}
FORMATS = {"instruction": "alpaca", "question": "openorca"}

every_shape = pytest.mark.parametrize("shape", HOLDERS)


def read(write, *records, shape):
    name = "preference" if shape.startswith("pair") else "prompt-completion" if "prompt" in shape else shape
    return load_samples(write(list(records)), format=name)


@every_shape
@pytest.mark.parametrize("name", ["input", "context"])
def test_records_that_differ_in_their_passage_are_two_samples_with_their_passages(write, shape, name):
    records = [{**HOLDERS[shape], name: text} for text in ("Page one.", "Page two.")]
    loaded = read(write, *records, shape=shape)
    assert [(sample.passage, sample.response) for sample in loaded.samples] == [
        ("Page one.", ANSWER),
        ("Page two.", ANSWER),
    ]
    assert all(sample.messages == (Message("user", QUESTION),) for sample in loaded.samples)
    assert loaded.duplicates == []


@every_shape
def test_two_passages_are_one_only_where_they_say_the_same(write, shape):
    record = {**HOLDERS[shape], "input": "Page one.", "context": "Page one. "}
    assert read(write, record, shape=shape).samples[0].passage.strip() == "Page one."
    with pytest.raises(BadRowsError, match="--ignore context"):
        read(write, {**record, "context": "Page two."}, shape=shape)


@every_shape
@pytest.mark.parametrize("value", [3, False, float("nan"), None, "", ["doc"], {"title": "doc"}])
def test_what_is_no_text_is_no_passage_under_a_name_that_the_format_does_not_have(write, shape, value):
    other = {"alpaca": "context", "dolly": "input", "question-answer": "input"}.get(shape)
    for name in [other] if other else ["input", "context"]:
        loaded = read(write, {**HOLDERS[shape], name: value}, shape=shape)
        assert loaded.samples == read(write, HOLDERS[shape], shape=shape).samples


@pytest.mark.parametrize(("shape", "name"), [("alpaca", "input"), ("dolly", "context"), ("question-answer", "context")])
def test_what_is_no_text_under_the_formats_own_name_is_a_bad_row_that_says_the_way_out(write, shape, name):
    with pytest.raises(BadRowsError, match=f"--ignore {name}") as caught:
        read(write, {**HOLDERS[shape], name: ["doc"]}, shape=shape)
    assert [fault.field for fault in caught.value.faults] == [name]


@pytest.mark.parametrize(("shape", "name"), [("alpaca", "input"), ("dolly", "context"), ("question-answer", "context")])
def test_under_the_formats_own_name_nan_is_none_and_another_number_a_bad_row(write, shape, name):
    bare = read(write, HOLDERS[shape], shape=shape).samples
    assert read(write, {**HOLDERS[shape], name: float("nan")}, shape=shape).samples == bare
    for number in (3, 0, 2.5):
        with pytest.raises(BadRowsError, match=f"--ignore {name}"):
            read(write, {**HOLDERS[shape], name: number}, shape=shape)


READ_ELSEWHERE = {
    shape: field
    for shape, record in HOLDERS.items()
    for field in ("prompt", "question", "instruction")
    if isinstance(record.get(field), str)
}


@pytest.mark.parametrize("shape", READ_ELSEWHERE)
def test_a_passage_that_the_question_has_already_is_not_read_twice(write, shape):
    asked = "Read this.\nPage one.\nWho wrote it?"
    record = {**HOLDERS[shape], READ_ELSEWHERE[shape]: asked}
    name = "input" if shape in ("dolly", "question-answer") else "context"  # not the format's own name of it
    (sample,) = read(write, {**record, name: "Page one."}, shape=shape).samples
    assert (sample.passage, sample.messages) == ("", (Message("user", asked),))
    loaded = read(write, record, *({**record, name: text} for text in ("Page one.", "wrote")), shape=shape)
    assert (len(loaded.samples), loaded.duplicates) == (3, [])
    assert read(write, {**record, name: f"{asked} "}, shape=shape).samples == loaded.samples[:1]
