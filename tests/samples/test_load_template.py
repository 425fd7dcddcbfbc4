"""Templates are found by name; what is not there is told with what is, and a digest stands for all that decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from icon.errors import TemplateError, UserError
from icon.samples.templates import load_template, template_digest
from icon.types import ChatTemplate

STORED = json.loads((Path(__file__).parents[1] / "runs/format_1/length/run/run.json").read_text())

CHAT = "{% for m in messages %}{{ m.content }}{% endfor %}"


def test_chat_without_a_chat_template_says_what_to_do():
    with pytest.raises(TemplateError, match=r"has no chat template.*--template alpaca or plain.*\.jinja"):
        load_template("chat", None)


@pytest.mark.parametrize(("name", "hint"), [("alpacca", "Did you mean alpaca?"), ("mine.txt", ".jinja or .j2.")])
def test_an_unknown_name_is_told_with_the_valid_ones(name, hint):
    with pytest.raises(UserError) as caught:
        load_template(name)
    assert f"no template named {name!r}; valid: auto, alpaca, paper, plain, chat, or a file" in str(caught.value)
    assert str(caught.value).endswith(hint)


def test_digests_tell_templates_apart_and_stay_the_same(write):
    def digests():
        return [
            template_digest(load_template("alpaca")),
            template_digest(load_template("paper")),
            template_digest(load_template("plain")),
            template_digest(load_template(write("{{ instruction }}", "mine.jinja"))),
            template_digest(load_template(write("{{ instruction }}:", "mine.jinja"))),
            template_digest(load_template("chat", ChatTemplate(CHAT, "<s>", "</s>"))),
            template_digest(load_template("chat", ChatTemplate(CHAT, "", "</s>"))),
        ]

    assert digests() == digests()
    assert len(set(digests())) == 7


def test_auto_is_the_models_chat_template_where_it_has_one_else_alpaca():
    assert load_template("auto", ChatTemplate(CHAT, "", "</s>")).name == "chat"
    assert load_template("auto", None).name == "alpaca"


def test_the_papers_form_keeps_the_digest_that_it_had_under_the_name_alpaca():
    assert template_digest(load_template("paper")) == STORED["inputs"]["template"]["digest"]
