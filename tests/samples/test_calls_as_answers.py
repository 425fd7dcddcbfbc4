"""An answer that calls a tool is a bad row, or its call is scored as the templates of Qwen write it."""

from __future__ import annotations

import json

import pytest

from icon.samples import load_samples
from support.reading import fault, only

QWEN_3 = """
{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + (m.content or '') }}
{%- for call in m.tool_calls or [] %}{%- if (loop.first and m.content) or not loop.first %}{{- '\n' }}{% endif %}
{{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) }}
{{- '}\n</tool_call>' }}{% endfor %}{{- '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{% endif %}"""
CALL = {"name": "weather", "arguments": {"at": "Malmö", "days": 2}}
AS_CALLED = {"id": "c1", "type": "function", "function": CALL}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
CALLED = '<tool_call>\n{"name": "weather", "arguments": {"at": "Malmö", "days": 2}}\n</tool_call>'


@pytest.mark.parametrize("said", [None, "", "Let me see."])
@pytest.mark.parametrize("n_calls", [1, 2])
def test_an_answer_that_calls_a_tool_is_scored_as_the_templates_of_qwen_write_it(write, said, n_calls):
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    asked = [{"role": "user", "content": "Is it raining?"}]
    answer = {"role": "assistant", "content": said, "tool_calls": [AS_CALLED] * n_calls}
    sample = only(write, {"messages": [*asked, answer], "tools": TOOLS}, tool_calls="response")
    assert sample.response == "\n".join([*([said] if said else []), *[CALLED] * n_calls])
    assert json.loads(sample.tools) == TOOLS
    (prompt,), _ = utils.render_jinja_template([asked], chat_template=QWEN_3, add_generation_prompt=True)
    (whole,), _ = utils.render_jinja_template([[*asked, answer]], chat_template=QWEN_3)
    assert prompt + sample.response + "<|im_end|>\n" == whole


def test_calls_in_answers_are_bad_rows_until_the_user_says_what_becomes_of_them(write):
    record = {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": [CALL]}]
    }
    found = fault(write, record)
    assert (found.field, found.found) == ("messages[1]", "a call of a tool in the answer that would be scored")
    assert "--tool-calls response" in found.valid


def test_with_every_turn_calls_are_samples_too_where_they_are_scored(write):
    turns = [
        {"role": "user", "content": "Is it raining?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "dry"},
        {"role": "assistant", "content": "No."},
    ]
    made = load_samples(write([{"messages": turns}]), every_turn=True, tool_calls="response").samples
    assert [(sample.turn, sample.response) for sample in made] == [(0, CALLED), (1, "No.")]
    only_text = load_samples(write([{"messages": turns}]), every_turn=True).samples
    assert only_text == made[1:]


def test_calls_that_differ_are_two_samples_and_their_ids_do_not_depend_on_the_setting(write):
    other = {**CALL, "arguments": {"at": "Lund"}}
    records = [
        {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "", "tool_calls": [call]}]}
        for call in (CALL, other)
    ]
    first, second = load_samples(write(records), tool_calls="response").samples
    assert first.id != second.id


def test_queries_whose_answers_are_calls_are_read(write):
    """As xLAM has them, all three as JSON text."""
    record = {"query": "Is it raining?", "answers": json.dumps([CALL]), "tools": json.dumps(TOOLS)}
    sample = only(write, record, tool_calls="response")
    assert (sample.instruction, sample.response, json.loads(sample.tools)) == ("Is it raining?", CALLED, TOOLS)
    assert fault(write, record).field == "answers"
