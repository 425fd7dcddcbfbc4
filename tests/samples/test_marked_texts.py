"""Records of one text: the marks of turns in it, or a mark of the user, say where the answer begins."""

from __future__ import annotations

import pytest

from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import Message
from support.reading import fault, only

TEXTS = {
    "ChatML": "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nA sea?<|im_end|>\n"
    "<|im_start|>assistant\nThe Baltic.<|im_end|>\n<|im_start|>user\nA lake?<|im_end|>\n"
    "<|im_start|>assistant\nVänern.<|im_end|>\n",
    "Llama 3": "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nA sea?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\nThe Baltic.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nA lake?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\nVänern.<|eot_id|>",
    "Llama 2": "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nA sea? [/INST] The Baltic. </s>"
    "<s>[INST] A lake? [/INST] Vänern. </s>",
    "Zephyr": "<|system|>\nBe brief.</s>\n<|user|>\nA sea?</s>\n<|assistant|>\nThe Baltic.</s>\n"
    "<|user|>\nA lake?</s>\n<|assistant|>\nVänern.</s>\n",
    "Guanaco": "Be brief.\n### Human: A sea?\n### Assistant: The Baltic.\n### Human: A lake?\n### Assistant: Vänern.",
    "Alpaca": "Be brief.\n\n### Instruction:\nA sea?\n\n### Response:\nThe Baltic.\n\n### Instruction:\nA lake?\n\n"
    "### Response:\nVänern.</s>",
}
TURNS = (
    Message("system", "Be brief."),
    Message("user", "A sea?"),
    Message("assistant", "The Baltic."),
    Message("user", "A lake?"),
)


@pytest.mark.parametrize("markup", TEXTS)
def test_a_text_with_marks_of_turns_is_read_as_these_turns(write, markup):
    loaded = load_samples(write([{"text": TEXTS[markup]}]))
    (sample,) = loaded.samples
    assert (loaded.format, sample.messages, sample.response) == ("text", TURNS, "Vänern.")
    first, last = load_samples(write([{"text": TEXTS[markup]}]), every_turn=True).samples
    assert (first.messages, first.response, last) == (TURNS[:2], "The Baltic.", sample)


def test_the_texts_of_gemma_and_of_alpaca_with_an_input_are_read(write):
    gemma = "<bos><start_of_turn>user\nA sea?<end_of_turn>\n<start_of_turn>model\nThe Baltic.<end_of_turn>\n"
    assert (only(write, {"text": gemma}).instruction, only(write, {"text": gemma}).response) == (
        "A sea?",
        "The Baltic.",
    )
    preface = "Below is an instruction that describes a task, paired with an input. Write a response.\n\n"
    text = preface + "### Instruction:\nTranslate.\n\n### Input:\nGuten Tag\n\n### Response:\nGood day"
    sample = only(write, {"text": text})
    assert (sample.messages, sample.response) == ((Message("user", "Translate.\n\nGuten Tag"),), "Good day")


def test_a_text_whose_turns_do_not_alternate_is_a_bad_row_that_names_the_turn(write):
    text = "### Human: A sea?\n### Human: A lake?\n### Assistant: Vänern."
    found = fault(write, {"text": text}, format="text")
    assert (found.field, found.found) == ("text, turn 2", "a turn of role 'user' there")


def test_a_mark_of_the_user_says_where_the_response_begins(write):
    """The last place of the mark counts; the white space behind it belongs to the prompt."""
    record = {"text": "Q: A sea?\nA: The Baltic.\nQ: A lake?\nA: Vänern."}
    sample = only(write, record, response_after="A:")
    assert sample.rendered
    assert sample.messages == (Message("user", "Q: A sea?\nA: The Baltic.\nQ: A lake?\nA: "),)
    assert sample.response == "Vänern."
    target = load_template("plain").target(sample)
    assert target.prompt + target.response == record["text"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A sea? The Baltic.", "a text without 'A:'"),
        ("Q: A sea?\nA: ", "nothing behind the mark 'A:'"),
        ("A: The Baltic.", "nothing before the mark 'A:'"),
    ],
)
def test_a_text_that_the_mark_does_not_split_is_a_bad_row(write, text, found):
    one = fault(write, {"text": text}, response_after="A:")
    assert (one.field, one.found) == ("text", found)


def test_a_text_without_any_mark_says_what_to_type(write):
    found = fault(write, {"text": "A sea? The Baltic."}, format="text")
    assert "--response-after TEXT" in found.valid
