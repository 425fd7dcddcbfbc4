"""The text templates give the published prompt texts, character by character."""

from __future__ import annotations

import pytest

from icon.samples.templates import load_template

TURNS = [("user", "Hi"), ("assistant", "Hello."), ("user", "Add 2 and 3.")]

ALPACA = [
    (("Add 2 and 3.", "5"), {}, "### Instruction:\nAdd 2 and 3.\n\n### Response:"),
    (("Add.", "5"), {"passage": "2, 3"}, "### Instruction:\nAdd.\n\n### Input: 2, 3\n\n### Response:"),
    (
        ("Who?", "Ann"),
        {"passage": "By Ann.", "passage_label": "Context"},
        "### Instruction:\nWho?\n\n### Context:\nBy Ann.\n\n### Response:",
    ),
    (
        ([("system", "Be brief."), ("user", "Who?")], "Ann"),
        {},
        "### System Prompt:\nBe brief.\n\n### Question:\nWho?\n\n### Response:",
    ),
    (
        (TURNS, "5"),
        {},
        "### Instruction:\nHi\n\n### Response:Hello.\n\n### Instruction:\nAdd 2 and 3.\n\n### Response:",
    ),
    (
        ([("system", "Be brief."), *TURNS], "5"),
        {"passage": "x"},
        "### System Prompt:\nBe brief.\n\n### Question:\nHi\n\n### Response:Hello.\n\n"
        "### Question:\nAdd 2 and 3.\n\n### Input: x\n\n### Response:",
    ),
    (("Say {} and {0} and %s.", "x"), {}, "### Instruction:\nSay {} and {0} and %s.\n\n### Response:"),
]


@pytest.mark.parametrize(("sample", "more", "prompt"), ALPACA)
def test_alpaca_is_the_papers_text(make, sample, more, prompt):
    template = load_template("alpaca")
    made = make(*sample, **more)
    target = template.target(made)
    assert (target.prompt, target.response) == (prompt, made.response)
    assert template.demonstration(made) == prompt + made.response
    assert (template.name, template.special_tokens, template.separator) == ("alpaca", False, "\n\n\n")


def test_plain_is_the_prompts_text_and_a_line_break(make):
    template = load_template("plain")
    sample = make([("system", "Be brief."), *TURNS], "5", "2, 3")
    assert template.target(sample).prompt == "Be brief.\nHi\nHello.\nAdd 2 and 3.\n2, 3\n"
    assert template.demonstration(make("Add 2 and 3.", "5")) == "Add 2 and 3.\n5"


@pytest.mark.parametrize("name", ["alpaca", "plain", "file"])
def test_a_finished_prompt_is_used_word_for_word(make, write, name):
    template = load_template(write("never {{ instruction }}", "mine.jinja") if name == "file" else name)
    prompt = "### System Prompt:\n\n### Question:\nQ: ?\nA: \n\n### Response: "
    sample = make(prompt, "Yes", rendered=True)
    assert template.target(sample).prompt == prompt
    assert template.demonstration(sample) == prompt + "Yes"
