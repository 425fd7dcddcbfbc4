"""Of a preference pair the chosen answer is scored, after the turns that it answers, in every shape of such data."""

from __future__ import annotations

import pytest

from icon.errors import BadRowsError
from icon.samples import builtin_readers, load_samples
from icon.types import Message


def turn(role, content):
    return {"role": role, "content": content}


def said(role, content):
    return {"from": role, "value": content}


ASKED = [turn("user", "Hello."), turn("assistant", "Hi, what is it?"), turn("user", "Why does ice float?")]
MESSAGES = tuple(Message(asked["role"], asked["content"]) for asked in ASKED)
ONE = (Message("user", "Why does ice float?"),)
GOOD, BAD = "It is lighter than water.", "No idea."

SHAPES = {
    "texts": ({"prompt": "Why does ice float?", "chosen": GOOD, "rejected": BAD}, ONE),
    "question": ({"question": "Why does ice float?", "chosen": GOOD, "rejected": BAD}, ONE),
    "alpaca": ({"instruction": "Why does ice float?", "input": "", "chosen": GOOD, "rejected": BAD}, ONE),
    "argilla": ({"input": "Why does ice float?", "chosen": GOOD, "rejected": BAD, "chosen-model": "m"}, ONE),
    "trl": ({"prompt": ASKED, "chosen": [turn("assistant", GOOD)], "rejected": [turn("assistant", BAD)]}, MESSAGES),
    "implicit": ({"chosen": [*ASKED, turn("assistant", GOOD)], "rejected": [*ASKED, turn("assistant", BAD)]}, MESSAGES),
    "llama-factory": (
        {
            "conversations": [said("human", "Hello."), said("gpt", "Hi, what is it?"), said("human", ONE[0].content)],
            "chosen": said("gpt", GOOD),
            "rejected": said("gpt", BAD),
        },
        MESSAGES,
    ),
    "whole beside the rejected one": (
        {
            "prompt": "Why does ice float?",
            "messages": [ASKED[2], turn("assistant", BAD)],
            "chosen": [ASKED[2], turn("assistant", GOOD)],
            "rejected": [ASKED[2], turn("assistant", BAD)],
        },
        ONE,
    ),
}


@pytest.mark.parametrize("every_turn", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_chosen_answer_is_the_response(write, shape, every_turn):
    record, messages = SHAPES[shape]
    loaded = load_samples(write([record]), every_turn=every_turn)
    (sample,) = loaded.samples
    assert (loaded.format, sample.messages, sample.response) == ("preference", messages, GOOD)
    assert sample.turn == sum(message.role == "assistant" for message in messages)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_whose_rejected_one_is_another_is_another_sample(write, shape):
    record, _ = SHAPES[shape]
    loaded = load_samples(write([record, {**record, "rejected": "I will not say."}, record]))
    assert [(sample.row, sample.response) for sample in loaded.samples] == [(0, GOOD), (1, GOOD)]
    assert [found.row for found in loaded.duplicates] == [2]


def test_an_input_beside_an_instruction_is_its_passage(write):
    record = {"instruction": "Add.", "input": "2, 3", "chosen": "5", "rejected": "6", "system": "Be brief."}
    (sample,) = load_samples(write([record])).samples
    assert (sample.system, sample.instruction, sample.passage, sample.response) == ("Be brief.", "Add.", "2, 3", "5")


CALLING = {**turn("assistant", "b"), "tool_calls": [{"name": "f"}]}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "c"}, "prompt"),
        ({"prompt": ASKED[:2], "chosen": [turn("assistant", "b")], "rejected": "c"}, "prompt"),
        ({"prompt": ASKED, "chosen": [turn("user", "q"), turn("assistant", "b")], "rejected": "c"}, "chosen"),
        ({"prompt": "a", "chosen": [turn("user", "b")], "rejected": "c"}, "chosen"),
        ({"prompt": "a", "chosen": [turn("assistant", "b"), turn("user", "d")], "rejected": "c"}, "chosen[0]"),
        ({"prompt": "a", "chosen": turn("assistant", " "), "rejected": "c"}, "chosen.content"),
        ({"prompt": "a", "chosen": CALLING, "rejected": "c"}, "chosen"),
        ({"prompt": "a", "chosen": 1, "rejected": 0}, "chosen"),
        ({"prompt": "a"}, "chosen"),
    ],
)
def test_what_is_no_pair_is_named(write, record, field):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write([record]), format="preference")
    assert [fault.field for fault in caught.value.faults] == [field]


CONVERSATION = [*ASKED, turn("assistant", GOOD)]
PAIR = {"chosen": CONVERSATION, "rejected": [*ASKED, turn("assistant", BAD)]}


@pytest.mark.parametrize("name", ["prompt", "instruction", "question", "query"])
def test_a_prompt_beside_a_chosen_conversation_is_one_of_its_questions_or_a_bad_row(write, name):
    (bare,) = load_samples(write([PAIR])).samples
    for text in ("Why does ice float?", " Why does ice float?\n", "Hello."):
        assert load_samples(write([{**PAIR, name: text}])).samples == [bare]
    for text in ("Why does iron sink?", "Why", "Hello. Why does ice float?", "Hi, what is it?"):
        with pytest.raises(BadRowsError, match=f"--ignore {name}") as caught:
            load_samples(write([{**PAIR, name: text}]))
        assert caught.value.faults[0].field == "chosen"
        assert load_samples(write([{**PAIR, name: text}]), ignore=[name]).samples == [bare]


def test_nor_does_a_prompt_beside_other_turns_count_for_nothing(write):
    turns = [turn("user", "Why does ice float?")]
    whole = {"messages": [*turns, turn("assistant", BAD)], "chosen": [*turns, turn("assistant", GOOD)], "rejected": BAD}
    for record in (whole, {"messages": turns, "chosen": GOOD, "rejected": BAD}):
        (bare,) = load_samples(write([record])).samples
        assert load_samples(write([{**record, "prompt": "Why does ice float? "}])).samples == [bare]
        with pytest.raises(BadRowsError, match="--ignore prompt"):
            load_samples(write([{**record, "prompt": "Why does iron sink?"}]))


def test_a_pair_is_a_pair_whatever_else_it_has(write):
    other = {"prompt": "Is it?", "response": "Yes."}
    pairs = [{**SHAPES[shape][0], "response": "x"} for shape in ("texts", "whole beside the rejected one")]
    loaded = load_samples(write([*pairs, other]), on_bad_row="skip")
    assert (loaded.format, len(loaded.samples), [fault.row for fault in loaded.faults]) == ("preference", 2, [2])


@pytest.mark.parametrize("name", ["messages", "sharegpt", "prompt-completion", "alpaca"])
def test_no_other_format_scores_an_answer_beside_the_chosen_one(write, name):
    asked = {"messages": ASKED[:2], "conversations": ASKED[:2], "prompt": "a", "completion": "b"}
    record = {**asked, "instruction": "a", "output": "b", "chosen": GOOD, "rejected": BAD}
    with pytest.raises(BadRowsError, match="--format preference") as caught:
        load_samples(write([record]), format=name)
    assert caught.value.faults[0].field == "chosen"


def test_flags_and_ranks_of_that_name_are_no_answers(write):
    record = {"prompt": "a", "completion": "b", "chosen": True, "rejected": 0}
    assert [name for name, reader in builtin_readers().items() if reader.matches(record)] == ["prompt-completion"]
    assert load_samples(write([record])).samples[0].response == "b"


def test_the_user_may_name_the_answer(write):
    record = SHAPES["texts"][0]
    (sample,) = load_samples(write([record]), columns={"prompt": "prompt", "response": "chosen"}).samples
    assert sample.response == GOOD
    (other,) = load_samples(write([record]), columns={"prompt": "prompt", "response": "rejected"}).samples
    assert other.response == BAD
