"""The text templates give the published prompt texts, character by character."""

from __future__ import annotations

import pytest

from icon.samples.templates import load_template

TURNS = [("user", "Hi"), ("assistant", "Hello."), ("user", "Add 2 and 3.")]

PAPER = [
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


@pytest.mark.parametrize(("sample", "more", "prompt"), PAPER)
def test_paper_is_the_published_text(make, sample, more, prompt):
    template = load_template("paper")
    made = make(*sample, **more)
    target = template.target(made)
    assert (target.prompt, target.response) == (prompt, made.response)
    assert template.demonstration(made) == prompt + made.response
    assert (template.name, template.special_tokens, template.separator) == ("paper", False, "\n\n\n")


ALPACA = [
    (("Add 2 and 3.", "5"), {}, "### Instruction:\nAdd 2 and 3.\n\n### Response:\n"),
    (("Add.", "5"), {"passage": "2, 3"}, "### Instruction:\nAdd.\n\n### Input: 2, 3\n\n### Response:\n"),
    (
        ([("system", "Be brief."), *TURNS], "5"),
        {},
        "### System Prompt:\nBe brief.\n\n### Question:\nHi\n\n### Response:\nHello.\n\n"
        "### Question:\nAdd 2 and 3.\n\n### Response:\n",
    ),
]


@pytest.mark.parametrize(("sample", "more", "prompt"), ALPACA)
def test_alpaca_has_a_line_break_before_every_response(make, sample, more, prompt):
    template = load_template("alpaca")
    made = make(*sample, **more)
    target = template.target(made)
    assert (target.prompt, target.response) == (prompt, made.response)
    assert template.demonstration(made) == prompt + made.response
    assert (template.name, template.special_tokens, template.separator) == ("alpaca", False, "\n\n\n")


@pytest.mark.parametrize("end", ["### Response:", "### Response: "])
def test_a_finished_prompt_that_ends_with_the_heading_gets_alpacas_line_break(make, end):
    sample = make(f"### Question:\nWho?\n\n{end}", "Ann", rendered=True)
    assert load_template("alpaca").target(sample).prompt == "### Question:\nWho?\n\n### Response:\n"
    assert load_template("alpaca").demonstration(sample) == "### Question:\nWho?\n\n### Response:\nAnn"
    assert load_template("paper").target(sample).prompt == f"### Question:\nWho?\n\n{end}"


def test_plain_is_the_prompts_text_and_a_line_break(make):
    template = load_template("plain")
    sample = make([("system", "Be brief."), *TURNS], "5", "2, 3")
    assert template.target(sample).prompt == "Be brief.\nHi\nHello.\nAdd 2 and 3.\n2, 3\n"
    assert template.demonstration(make("Add 2 and 3.", "5")) == "Add 2 and 3.\n5"


@pytest.mark.parametrize(
    ("name", "end"),
    [("paper", "### Response: "), ("plain", "### Response: "), ("file", "### Response: "), ("alpaca", "A: ")],
)
def test_a_finished_prompt_is_used_word_for_word(make, write, name, end):
    template = load_template(write("never {{ instruction }}", "mine.jinja") if name == "file" else name)
    prompt = f"### System Prompt:\n\n### Question:\nQ: ?\nA: \n\n{end}"
    sample = make(prompt, "Yes", rendered=True)
    assert template.target(sample).prompt == prompt
    assert template.demonstration(sample) == prompt + "Yes"
