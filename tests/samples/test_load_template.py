"""Templates are found by name; what is not there is told with what is, and a digest stands for all that decides."""

from __future__ import annotations

import pytest

from icon.errors import TemplateError, UserError
from icon.samples.templates import load_template, template_digest
from icon.types import ChatTemplate

CHAT = "{% for m in messages %}{{ m.content }}{% endfor %}"


def test_chat_without_a_chat_template_says_what_to_do():
    with pytest.raises(TemplateError, match=r"has no chat template.*--template alpaca or plain.*\.jinja"):
        load_template("chat", None)


@pytest.mark.parametrize(("name", "hint"), [("alpacca", "Did you mean alpaca?"), ("mine.txt", ".jinja or .j2.")])
def test_an_unknown_name_is_told_with_the_valid_ones(name, hint):
    with pytest.raises(UserError) as caught:
        load_template(name)
    assert f"no template named {name!r}; valid: alpaca, plain, chat, or a file" in str(caught.value)
    assert str(caught.value).endswith(hint)


def test_digests_tell_templates_apart_and_stay_the_same(write):
    def digests():
        return [
            template_digest(load_template("alpaca")),
            template_digest(load_template("plain")),
            template_digest(load_template(write("{{ instruction }}", "mine.jinja"))),
            template_digest(load_template(write("{{ instruction }}:", "mine.jinja"))),
            template_digest(load_template("chat", ChatTemplate(CHAT, "<s>", "</s>"))),
            template_digest(load_template("chat", ChatTemplate(CHAT, "", "</s>"))),
        ]

    assert digests() == digests()
    assert len(set(digests())) == 6
