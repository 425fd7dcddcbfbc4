"""Reasoning that a response begins with is scored with a note, scored, or left out, as reasoning apart from it is."""

from __future__ import annotations

import pytest

from icon.samples import load_samples
from samples.test_beside import HOLDERS
from support.reading import only

ANSWER = "No, it is dry."
MARKED = [
    "<think>The street is dry.</think>No, it is dry.",
    "<think>\nThe street is dry.\n</think>\n\nNo, it is dry.",
    "  <thinking>a < b</thinking> No, it is dry.",
    "<thought></thought>No, it is dry.",
    "<reasoning>x</reasoning>\nNo, it is dry.",
    "[THINK]The street is dry.[/THINK]No, it is dry.",
]


def answered(shape, text):
    """The record of that shape with another answer."""
    return _with(HOLDERS[shape], text)


def _with(value, text):
    if isinstance(value, dict):
        return {name: _with(inner, text) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, text) for inner in value]
    return text if value == ANSWER else value


@pytest.mark.parametrize("shape", HOLDERS)
def test_every_shape_scores_it_with_a_note_scores_it_or_leaves_it_out(write, shape):
    record = answered(shape, MARKED[1])
    path = write([record, answered(shape, "Yes.")])
    (noted,) = load_samples(path).notes
    assert "1 of 2 responses begins with reasoning (<think>)" in noted
    assert "--reasoning ignore" in noted
    for reasoning, response in (("error", MARKED[1]), ("response", MARKED[1]), ("ignore", ANSWER)):
        assert load_samples(path, reasoning=reasoning).samples[0].response == response
    assert load_samples(path, reasoning="response").notes == []


@pytest.mark.parametrize("text", MARKED)
def test_every_mark_and_the_blanks_around_it_are_left_out(write, text):
    assert only(write, answered("alpaca", text), reasoning="ignore").response == ANSWER


@pytest.mark.parametrize("text", ["He <think>s</think> so.", "<thinks>x</thinks>y", "think</think>Yes.", "[THINKING]x"])
def test_what_is_not_at_the_beginning_is_the_response(write, text):
    path = write([answered("alpaca", text)])
    for reasoning in ("error", "ignore"):
        loaded = load_samples(path, reasoning=reasoning)
        assert (loaded.samples[0].response, loaded.notes, loaded.left_out) == (text, [], {})


@pytest.mark.parametrize("text", ["<think>It never ends", "<think>dry</think>", "<think>dry</think> \n"])
def test_reasoning_without_an_answer_is_a_bad_row_only_where_it_would_be_left_out(write, text):
    path = write([answered("alpaca", text), answered("alpaca", "Yes.")])
    assert load_samples(path).samples[0].response == text
    (fault,) = load_samples(path, reasoning="ignore", on_bad_row="skip").faults
    assert "nothing but the reasoning that <think> begins" in fault.found
    assert "--reasoning response" in fault.valid


def test_an_id_covers_the_reasoning_whatever_becomes_of_it(write):
    path = write([answered("alpaca", text) for text in (MARKED[0], MARKED[1])])
    ids = [[sample.id for sample in load_samples(path, reasoning=how).samples] for how in ("error", "ignore")]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_it_is_left_out_of_earlier_answers_too_and_of_no_question(write):
    turns = [("user", "<think>a</think>b"), ("assistant", MARKED[0]), ("user", "And now?"), ("assistant", MARKED[1])]
    record = {"messages": [{"role": role, "content": content} for role, content in turns]}
    sample = only(write, record, reasoning="ignore")
    assert [turn.content for turn in sample.messages] == [turns[0][1], ANSWER, turns[2][1]]
    assert sample.response == ANSWER
    record["messages"][-1]["content"] = ANSWER
    assert load_samples(write([record]), reasoning="ignore").left_out == {"reasoning within answers": 1}


def test_a_call_after_the_reasoning_is_an_answer(write):
    call = {"type": "function", "function": {"name": "weather", "arguments": "{}"}}
    answer = {"role": "assistant", "content": "<think>I look.</think>", "tool_calls": [call]}
    record = {"messages": [{"role": "user", "content": "Is it raining?"}, answer]}
    sample = only(write, record, reasoning="ignore", tool_calls="response")
    assert sample.response.startswith("<tool_call>")


def test_responses_are_counted_by_mark(write):
    path = write([answered("alpaca", f"{MARKED[2 * (n > 2)]} {n}") for n in range(5)])
    assert [note.partition(": ")[2].partition(", ")[0] for note in load_samples(path).notes] == [
        "3 of 5 responses begin with reasoning (<think>)",
        "2 of 5 responses begin with reasoning (<thinking>)",
    ]
    assert load_samples(path, reasoning="ignore").left_out == {"reasoning within answers": 5}
