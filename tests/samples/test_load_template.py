"""Templates are found by name; what is not there is told with what is, and a digest stands for all that decides."""

from __future__ import annotations

import json
from hashlib import sha256
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


@pytest.mark.parametrize(("end", "changed"), [(" ", True), ("", False), ("\n", False)])
def test_a_template_whose_prompt_ends_in_a_blank_has_a_digest_of_its_own(write, end, changed):
    """The blank is the response's now, so parts that earlier versions measured are not taken for this one's."""
    chat = "{% for m in messages %}{% if m.role == 'assistant' %}A:" + end + "{% endif %}{{ m.content }}{% endfor %}"
    for template in (
        load_template("chat", ChatTemplate(chat, "<s>", "</s>")),
        load_template(write("{{ instruction }}" + end + ("\n" if end == "\n" else ""), "mine.jinja")),
    ):
        parts = [template.name, template.source, template.separator, template.special_tokens]
        assert (template_digest(template) != sha256(json.dumps(parts).encode()).hexdigest()) == changed


def test_auto_is_the_models_chat_template_where_it_has_one_else_alpaca():
    assert load_template("auto", ChatTemplate(CHAT, "", "</s>")).name == "chat"
    assert load_template("auto", None).name == "alpaca"


def test_the_papers_form_keeps_the_digest_that_it_had_under_the_name_alpaca():
    assert template_digest(load_template("paper")) == STORED["inputs"]["template"]["digest"]
