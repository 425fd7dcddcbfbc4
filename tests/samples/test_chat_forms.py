"""The answer is where transformers renders it, in every published form of a chat template.

The reference is `render_jinja_template` of transformers, which is what `apply_chat_template` calls, for the whole
conversation; the answer is a text that occurs once in it. Nothing of icon's search for it is used.
"""

from __future__ import annotations

from functools import cache

import pytest

from icon.errors import TemplateError
from icon.samples.templates import load_template
from icon.types import ChatTemplate
from support.chat_form import source
from support.chat_forms import FORMS

ANSWER = "It is 5, as 2 + 3 = 5."
SYSTEM = [("system", "Be brief."), ("user", "Add 2 and 3.")]
LONG = [("user", "Hi there"), ("assistant", "Hello to you."), ("user", "Add 2 and 3.")]
NAMED = {form.name: form for form in FORMS}
FORM = pytest.mark.parametrize("form", FORMS, ids=NAMED)


def rendered(form, turns, answer):
    """The conversation as transformers renders it, without the BOS that opens the sequence."""
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    chat = [{"role": role, "content": text} for role, text in [*turns, ("assistant", answer)]]
    if form.parts:
        chat = [turn | {"content": [{"type": "text", "text": turn["content"]}]} for turn in chat]
    tokens = {"bos_token": form.bos or "<s>", "eos_token": form.eos}
    (text,), _ = utils.render_jinja_template([chat], chat_template=source(form), **tokens)
    return text.removeprefix(form.bos)


@cache
def template(form):
    return new_template(form)


def new_template(form):
    return load_template("chat", ChatTemplate(source(form), form.bos, form.eos))


def check(form, make, turns, response, answer):
    sample, whole = make(turns, response), rendered(form, turns, response)
    assert whole.count(answer) == 1
    before, _, after = whole.partition(answer)
    target = template(form).target(sample)
    assert (target.prompt, target.response) == (before, answer)
    assert template(form).demonstration(sample) == before + answer + after


def test_the_forms_are_many_and_differ():
    assert len(FORMS) == len(NAMED) >= 46
    assert len({source(form) for form in FORMS}) > 50


@FORM
def test_the_span_is_the_answer_in_what_transformers_renders(form, make):
    check(form, make, [("user", "Add 2 and 3.")], ANSWER, ANSWER)


@FORM
def test_so_it_is_after_earlier_turns(form, make):
    check(form, make, LONG, ANSWER, ANSWER)


@FORM
def test_so_it_is_after_a_system_prompt_or_the_template_says_that_it_allows_none(form, make):
    if form.system is None and form.in_user is None:
        with pytest.raises(TemplateError, match=r"System role not supported\. The cause is the template"):
            template(form).target(make(SYSTEM, ANSWER))
    else:
        check(form, make, SYSTEM, ANSWER, ANSWER)


@FORM
def test_white_space_at_the_ends_is_kept_or_left_out_as_the_template_does(form, make):
    response = f"\n {ANSWER} \n\n"
    used = new_template(form)
    target = used.target(make("Add 2 and 3.", response))
    whole = rendered(form, [("user", "Add 2 and 3.")], response)
    assert used.demonstration(make("Add 2 and 3.", response)) == whole
    assert whole.startswith(target.prompt + target.response)
    assert target.response == (ANSWER if form.trims else response)
    assert bool(used.notes) == form.trims


@FORM
def test_an_earlier_answer_loses_its_thinking_where_the_template_says_so(form, make):
    turns = [("user", "Hi there"), ("assistant", "<think>\nA greeting.\n</think>\n\nHello."), ("user", "Add 2 and 3.")]
    check(form, make, turns, ANSWER, ANSWER)
    assert ("A greeting." in template(form).target(make(turns, ANSWER)).prompt) == (not form.cuts)


@FORM
def test_thinking_in_the_response_is_scored_as_rendered_or_said_to_be_left_out(form, make):
    response = f"<think>\nTwo and three.\n</think>\n\n{ANSWER}"
    used, sample = new_template(form), make("Add 2 and 3.", response)
    target, whole = used.target(sample), rendered(form, [("user", "Add 2 and 3.")], response)
    assert used.demonstration(sample) == whole
    assert whole.startswith(target.prompt + target.response)
    assert target.response.endswith(ANSWER)
    assert ("Two and three." in target.response) == (form.thinks is not None)
    assert any("leaves the thinking out" in note for note in used.notes) == (form.thinks is None)


@FORM
def test_none_of_two_thoughts_in_a_response_is_left_in_its_prompt(form, make):
    response = f"<think>\nOf two.\n</think>\n\nAnd so\n<think>\nOf three.\n</think>\n\n{ANSWER}"
    used, sample = new_template(form), make("Add 2 and 3.", response)
    if form.thinks is not None and form.cuts:
        with pytest.raises(TemplateError, match="thinking"):
            used.target(sample)
        return
    target = used.target(sample)
    whole = rendered(form, [("user", "Add 2 and 3.")], response)
    assert whole.startswith(target.prompt + target.response)
    assert "Of t" not in target.prompt
    left_out = any("leaves the thinking out" in note for note in used.notes)
    assert left_out == ("Of t" not in target.response)


def test_the_table_of_templates_that_a_user_has_says_what_comes_out(tmp_path, monkeypatch, capsys):
    pytest.importorskip("transformers")
    from support import chat_templates

    for name in ("qwen-3", "gemma", "deepseek-r1"):
        (tmp_path / f"{name}.jinja").write_text(source(NAMED[name]))
    monkeypatch.setattr("sys.argv", ["chat_templates.py", str(tmp_path)])
    chat_templates.main()
    _, _, r1, gemma, qwen, _, last = capsys.readouterr().out.splitlines()
    assert r1 == "| deepseek-r1 | yes | yes | yes | yes | yes (leaves the thinking out of a response) |"
    assert "| yes | yes | refused: System role not supported | yes (leaves out white space" in gemma
    assert qwen == "| qwen-3 | yes | yes | yes | yes | yes |"
    assert last == "3 of 3 give the span of transformers' own rendering for one turn."
