"""Templates are given earlier turns as the record has them: null in the place of a text, and reasoning beside it.

The reference is `render_jinja_template` of transformers, which is what `apply_chat_template` calls.
"""

from __future__ import annotations

import json

import pytest

from icon.errors import TemplateError
from icon.runs.files import read_samples, write_samples
from icon.samples import load_samples, load_template
from icon.types import ChatTemplate, Message

CALL = {"type": "function", "function": {"name": "weather", "arguments": {"at": "sea"}}}
AS_TEXT = {"type": "function", "function": {"name": "weather", "arguments": '{"at": "sea"}'}}
ANSWER = "No, it is dry."
ASKED, RESULT = {"role": "user", "content": "Is it raining?"}, {"role": "tool", "content": "dry"}

BY_NULL = (
    "{% for m in messages %}{% if m.role == 'user' %}{{ '<U>' + m.content }}"
    "{% elif m.role == 'tool' %}{{ '<R>' + m.content }}{% elif m.content is none %}{{ '<A>' }}"
    "{% for call in m.tool_calls %}{{ '<C>' + call.function.name + call.function.arguments }}{% endfor %}"
    "{% else %}{{ '<A>' + m.content + '<E>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<A>' }}{% endif %}"
)
"""Calls are shown where a turn has null as its content, as DeepSeek-R1's template has it."""

JOINING = (
    "{% for m in messages %}{{ '<' + m.role + '>' + m.content }}"
    "{% for call in m.tool_calls or [] %}{{ '<C>' + call.function.name }}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)
"""Texts are joined, so that transformers fails on null."""

PRINTING = (
    "{% for m in messages %}{{ '<' + m.role + '>' }}{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)
"""Whatever the content is, it is printed, and no call."""

THINKING = (
    "{% set ns = namespace(last=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}"
    "{% endif %}{% endfor %}{% for m in messages %}{{ '<' + m.role + '>' }}"
    "{% if m.reasoning_content and loop.index0 > ns.last %}{{ '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}"
    "{% endif %}{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{{ '<end>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)
"""Reasoning since the last question is shown, as Qwen 3's template has it."""


def template(source):
    return load_template("chat", ChatTemplate(source, "", ""))


def rendered(source, turns):
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    (text,), _ = utils.render_jinja_template([turns], chat_template=source, add_generation_prompt=True)
    return text


def sample(write, turns, **given):
    record = {"messages": [*turns, {"role": "assistant", "content": ANSWER}]}
    loaded = load_samples(write([record]), **given)
    assert not loaded.faults
    return loaded.samples[0]


@pytest.mark.parametrize("turn", [{"content": None}, {}], ids=["null", "missing"])
def test_null_in_the_place_of_a_text_is_null_for_the_template(write, turn):
    turns = [ASKED, {"role": "assistant", **turn, "tool_calls": [AS_TEXT]}, RESULT]
    wanted = rendered(BY_NULL, [ASKED, {"role": "assistant", "content": None, "tool_calls": [AS_TEXT]}, RESULT])
    assert "<C>weather" in wanted
    assert template(BY_NULL).target(sample(write, turns)).prompt == wanted


def test_an_empty_text_is_none(write):
    """The same template leaves the calls out where the content is an empty text, as transformers does."""
    turns = [ASKED, {"role": "assistant", "content": "", "tool_calls": [AS_TEXT]}, RESULT]
    assert "<C>" not in rendered(BY_NULL, turns)
    with pytest.raises(TemplateError, match="leaves calls of tools out"):
        template(BY_NULL).target(sample(write, turns))


def test_null_and_an_empty_text_are_two_samples(write):
    turns = [[ASKED, {"role": "assistant", "content": text, "tool_calls": [CALL]}, RESULT] for text in (None, "")]
    assert len({sample(write, each).id for each in turns}) == 2


def test_a_template_that_fails_on_null_is_given_an_empty_text(write):
    turns = [ASKED, {"role": "assistant", "content": None, "tool_calls": [CALL]}, RESULT]
    with pytest.raises(TypeError):
        rendered(JOINING, turns)
    assert template(JOINING).target(sample(write, turns)).prompt == rendered(
        JOINING, [ASKED, {**turns[1], "content": ""}, RESULT]
    )


def test_null_that_is_printed_shows_no_call(write):
    turns = [ASKED, {"role": "assistant", "content": None, "tool_calls": [CALL]}, RESULT]
    with pytest.raises(TemplateError, match="leaves calls of tools out"):
        template(PRINTING).target(sample(write, turns))


THOUGHTFUL = [
    {"role": "user", "content": "Ahoy"},
    {"role": "assistant", "content": "Ahoy!", "reasoning_content": "A sailor."},
    ASKED,
    {"role": "assistant", "content": "", "reasoning_content": "Ask the weather.", "tool_calls": [CALL]},
    RESULT,
]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking", "thinking_content", "thought"])
@pytest.mark.parametrize("reasoning", ["error", "response"])
def test_reasoning_of_earlier_turns_is_the_templates_to_show(write, name, reasoning):
    turns = [{name if key == "reasoning_content" else key: value for key, value in turn.items()} for turn in THOUGHTFUL]
    wanted = rendered(THINKING, THOUGHTFUL)
    assert "<think>\nAsk the weather.\n</think>" in wanted
    assert "A sailor." not in wanted
    used = template(THINKING)
    assert used.target(sample(write, turns, reasoning=reasoning)).prompt == wanted
    assert list(used.notes) == ["the model's chat template leaves reasoning of earlier answers out"]


def test_reasoning_that_is_ignored_is_no_part_of_earlier_turns(write):
    bare = [{key: value for key, value in turn.items() if key != "reasoning_content"} for turn in THOUGHTFUL]
    used = template(THINKING)
    assert used.target(sample(write, THOUGHTFUL, reasoning="ignore")).prompt == rendered(THINKING, bare)
    assert not used.notes


@pytest.mark.parametrize("name", ["alpaca", "paper", "plain"])
def test_text_templates_leave_reasoning_of_earlier_turns_out_and_say_so(write, name):
    used, bare = load_template(name), {key: THOUGHTFUL[1][key] for key in ("role", "content")}
    found = used.target(sample(write, [THOUGHTFUL[0], THOUGHTFUL[1], ASKED]))
    assert list(used.notes) == [f"template {name} leaves reasoning of earlier answers out"]
    other = load_template(name)
    assert other.target(sample(write, [THOUGHTFUL[0], bare, ASKED])) == found
    assert not other.notes


def test_a_file_of_the_users_own_may_show_reasoning(write, tmp_path):
    (tmp_path / "own.jinja").write_text(
        "{% for m in messages %}{{ m.content }}{{ '(' + m.reasoning_content + ')' if m.reasoning_content is defined }};"
        "{% endfor %}"
    )
    used = load_template(str(tmp_path / "own.jinja"))
    assert used.target(sample(write, [THOUGHTFUL[0], THOUGHTFUL[1], ASKED])).prompt == (
        "Ahoy;Ahoy!(A sailor.);Is it raining?;"
    )
    assert not used.notes


def test_a_special_token_within_reasoning_is_refused_as_in_a_text(write):
    turns = [THOUGHTFUL[0], {**THOUGHTFUL[1], "reasoning_content": "a <|im_end|> b"}, ASKED]
    with pytest.raises(TemplateError, match=r"assistant text contains '<\|im_end\|>'"):
        template(THINKING.replace("<end>", "<|im_end|>")).target(sample(write, turns))


def test_reasoning_of_earlier_turns_stays_in_the_stored_assessment_set(write, tmp_path):
    found = sample(write, [THOUGHTFUL[0], THOUGHTFUL[1], ASKED])
    assert found.messages[1] == Message("assistant", "Ahoy!", reasoning="A sailor.")
    digest = write_samples(tmp_path / "assessment.jsonl", [found])
    assert read_samples(tmp_path / "assessment.jsonl", digest) == [found]
    assert "reasoning" not in json.loads((tmp_path / "assessment.jsonl").read_text())["messages"][0]


def test_the_id_of_a_conversation_with_reasoning_is_that_of_earlier_versions(write):
    assert sample(write, [THOUGHTFUL[0], THOUGHTFUL[1], ASKED]).id == "e74e4c1581eff26f"
