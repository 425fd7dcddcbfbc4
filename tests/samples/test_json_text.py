"""Turns that are JSON text, as in tables, are the same turns in every format; and no other text is taken for turns."""

from __future__ import annotations

import json

import pytest

from icon.errors import BadRowsError
from icon.samples import load_samples

ASKED = [{"role": "user", "content": "Why?"}]
GOOD = {"role": "assistant", "content": "So."}
BAD = {"role": "assistant", "content": "No."}
SAID = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]

RECORDS = {
    "pair of conversations": {"chosen": [*ASKED, GOOD], "rejected": [*ASKED, BAD]},
    "pair of conversations beside the prompt": {"prompt": "Why?", "chosen": [*ASKED, GOOD], "rejected": [*ASKED, BAD]},
    "pair of ShareGPT's": {"chosen": SAID, "rejected": [SAID[0], {**SAID[1], "value": "No."}]},
    "pair of answers": {"prompt": ASKED, "chosen": [GOOD], "rejected": [BAD]},
    "pair of turns": {"prompt": "Why?", "chosen": GOOD, "rejected": BAD},
    "pair after messages": {"messages": ASKED, "chosen": GOOD, "rejected": BAD},
    "prompt and completion": {"prompt": ASKED, "completion": [GOOD]},
    "prompt and response": {"prompt": ASKED, "response": [GOOD]},
}


@pytest.mark.parametrize("name", RECORDS)
def test_turns_as_json_text_are_the_turns_and_have_their_id(write, name):
    record = RECORDS[name]
    (expected,) = load_samples(write([record])).samples
    assert ([turn.content for turn in expected.messages], expected.response) == (["Why?"], "So.")
    text = {field: value if isinstance(value, str) else json.dumps(value) for field, value in record.items()}
    assert load_samples(write([text])).samples == [expected]
    for field in record if "chosen" in record else ():  # prompt and completion are of one kind
        assert load_samples(write([{**record, field: text[field]}])).samples == [expected]


@pytest.mark.parametrize("text", ["[1, 2]", '[{"a": 1}]', "[]", '[{"role": "user"}]', '{"role": "chef"}', "[not JSON"])
def test_other_json_is_the_text_that_it_is(write, text):
    for record in ({"prompt": "Make a list.", "completion": text}, {"prompt": text, "completion": "Done."}):
        (sample,) = load_samples(write([record])).samples
        assert (sample.instruction, sample.response) == tuple(record.values())
    (sample,) = load_samples(write([{"prompt": "Go.", "chosen": text, "rejected": "[2]"}]), format="preference").samples
    assert (sample.instruction, sample.response) == ("Go.", text)


@pytest.mark.parametrize("turns", [[*ASKED, GOOD], [GOOD], GOOD], ids=["conversation", "answers", "turn"])
def test_turns_of_json_text_beside_a_prompt_of_text_are_scored_as_text_only_where_the_user_says_so(write, turns):
    text = json.dumps(turns)
    source = write([{"prompt": "Write a conversation.", "completion": text}])
    with pytest.raises(BadRowsError, match="--column response=completion") as caught:
        load_samples(source)
    assert caught.value.faults[0].field == "completion"
    (sample,) = load_samples(source, columns={"prompt": "prompt", "response": "completion"}).samples
    assert (sample.instruction, sample.response) == ("Write a conversation.", text)


def test_pictures_and_calls_in_turns_of_json_text_are_named(write):
    shown = [{**ASKED[0], "images": ["a.png"]}]
    for record in ({"prompt": shown, "completion": [GOOD]}, {"prompt": shown, "chosen": [GOOD], "rejected": [BAD]}):
        text = {**record, "prompt": json.dumps(shown)}
        with pytest.raises(BadRowsError, match="--ignore images") as caught:
            load_samples(write([text]))
        assert caught.value.faults[0].field == "prompt[0].images"
        assert len(load_samples(write([text]), ignore=["images"]).samples) == 1
