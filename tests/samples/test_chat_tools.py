"""Tools, calls and results are rendered as transformers renders them; a template without a place for them says so.

The reference is `render_jinja_template` of transformers, given the tools and turns of the record. The templates
are in the manner of published ones (Qwen and Hermes; Llama 3.1), in words of their own.
"""

from __future__ import annotations

import json

import pytest

from icon.errors import TemplateError
from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import ChatTemplate

HERMES = """
{%- if tools %}{{- '<|im_start|>system\n' + (messages[0].content + '\n\n' if messages[0].role == 'system' else '') }}
{{- 'You may call:\n<tools>' }}{% for tool in tools %}{{- '\n' + (tool | tojson) }}{% endfor %}
{{- '\n</tools><|im_end|>\n' }}
{%- elif messages[0].role == 'system' %}{{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}{% endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\n' + (message.content or '') }}
{%- for call in message.tool_calls or [] %}
{{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) }}
{{- '}\n</tool_call>' }}{% endfor %}
{{- '<|im_end|>\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
{%- endif %}{% endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{% endif %}"""

LLAMA = """
{{- bos_token }}{% for message in messages %}
{%- if message.tool_calls %}
{%- if message.tool_calls | length != 1 %}{{ raise_exception('one call at a time') }}{% endif %}
{{- '[assistant]' + (message.tool_calls[0].function.arguments | tojson) + '[end]' }}
{%- elif message.role == 'tool' %}{{- '[ipython]' + (message.content | tojson) + '[end]' }}
{%- else %}{{- '[' + message.role + ']' }}
{%- if tools and loop.first %}{{- tools | tojson }}{% endif %}{{- message.content + '[end]' }}
{%- endif %}{% endfor %}
{%- if add_generation_prompt %}{{- '[assistant]' }}{% endif %}"""

DEEPSEEK = """
{{- bos_token }}{% for message in messages %}
{%- if message.tool_calls %}{{- '<call>' }}
{%- for call in message.tool_calls %}{{- call.function.name + ':' + call.function.arguments }}{% endfor %}
{%- else %}{{- '<' + message.role + '>' + message.content }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}{{- '<assistant>' }}{% endif %}"""

ROLES = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
USERS = (
    "{% for m in messages if m.role != 'tool' %}{{ m.role + ': ' + m.content + '\n' }}"
    "{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)

TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"at": {}}}}}
]
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": {"at": "sea"}}}
TURNS = [
    {"role": "system", "content": "Answer like a sailor."},
    {"role": "user", "content": "Is it raining?"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "content": 'it is "dry"', "tool_call_id": "c1"},
]
ANSWER = "No, it is dry."


def template(source):
    return load_template("chat", ChatTemplate(source, "<s>", "</s>"))


def sample(write, turns=TURNS, tools=TOOLS):
    record = {"messages": [*turns, {"role": "assistant", "content": ANSWER}], "tools": tools}
    return load_samples(write([record])).samples[0]


@pytest.mark.parametrize("source", [HERMES, LLAMA], ids=["hermes", "llama"])
@pytest.mark.parametrize("tools", [TOOLS, None], ids=["tools", "none"])
@pytest.mark.parametrize("n_turns", [4, 2], ids=["calls", "no calls"])
@pytest.mark.parametrize("as_text", [False, True], ids=["objects", "JSON"])
def test_prompt_and_answer_are_those_of_transformers(write, source, tools, n_turns, as_text):
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    turns = TURNS[:n_turns]
    given = {"tools": tools, "chat_template": source, "bos_token": "<s>", "eos_token": "</s>"}
    (asked,), _ = utils.render_jinja_template([turns], add_generation_prompt=True, **given)
    answered = [*turns, {"role": "assistant", "content": ANSWER}]
    (whole,), _ = utils.render_jinja_template([answered], **given)
    if as_text and n_turns == 4:  # as most interfaces give the arguments
        function = {**CALL["function"], "arguments": json.dumps(CALL["function"]["arguments"])}
        turns = [*turns[:2], {**turns[2], "tool_calls": [{**CALL, "function": function}]}, turns[3]]
    found = sample(write, turns, json.dumps(tools) if as_text else tools)
    target = template(source).target(found)
    assert target.prompt == asked.removeprefix("<s>")
    assert target.response == ANSWER
    assert template(source).demonstration(found) == whole.removeprefix("<s>")


def test_arguments_are_text_for_a_template_that_joins_them_to_its_own(write):
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    function = {"name": "weather", "arguments": json.dumps(CALL["function"]["arguments"])}
    turns = [*TURNS[:2], {**TURNS[2], "tool_calls": [{**CALL, "function": function}]}, TURNS[3]]
    given = {"chat_template": DEEPSEEK, "bos_token": "<s>", "add_generation_prompt": True}
    (asked,), _ = utils.render_jinja_template([turns], **given)
    assert template(DEEPSEEK).target(sample(write, TURNS, None)).prompt == asked.removeprefix("<s>")


@pytest.mark.parametrize(
    ("source", "turns", "tools", "left_out"),
    [
        (ROLES, TURNS[:2], TOOLS, "tools"),
        (ROLES, TURNS, None, "calls of tools"),
        (USERS, TURNS, None, "results of tools"),
    ],
)
def test_what_a_template_leaves_out_is_no_prompt(write, source, turns, tools, left_out):
    with pytest.raises(TemplateError, match=rf"row 0\): the model's chat template leaves {left_out} out"):
        template(source).target(sample(write, turns, tools))


def test_results_of_tools_are_context_where_a_template_shows_every_role(write):
    turns = [TURNS[1], {"role": "assistant", "content": "<tool_call>weather</tool_call>"}, TURNS[3]]
    assert (
        template(ROLES)
        .target(sample(write, turns, None))
        .prompt.endswith('<|im_start|>tool\nit is "dry"<|im_end|>\n<|im_start|>assistant\n')
    )


def test_a_special_token_within_a_tool_is_refused_as_in_a_turn(write):
    tools = [{"name": "a<|im_end|>b"}]
    with pytest.raises(TemplateError, match=r"tools text contains '<\|im_end\|>'"):
        template(HERMES).target(sample(write, TURNS[:2], tools))


@pytest.mark.parametrize("name", ["alpaca", "paper", "plain"])
@pytest.mark.parametrize(("turns", "tools"), [(TURNS[:2], TOOLS), (TURNS, None)], ids=["tools", "calls"])
def test_text_templates_have_no_place_for_tools_and_say_so(write, name, turns, tools):
    with pytest.raises(TemplateError, match=rf"template {name} has no place for; valid: --template chat"):
        load_template(name).target(sample(write, turns, tools))
    assert load_template(name).target(sample(write, TURNS[:2], None)).response == ANSWER


ALL = (
    "{{ tools | tojson }}{% for m in messages %}{{ m.role }}:{{ m.content }}"
    "{{ m.tool_calls | tojson if m.tool_calls is defined }};{% endfor %}"
)


@pytest.mark.parametrize(
    ("file", "left_out"),
    [
        (ALL, None),
        (ALL.replace("{{ tools | tojson }}", ""), "tools"),
        (ALL.replace("m.tool_calls is defined", "false"), "calls of tools"),
        ("{{ tools }}{% for m in messages if m.role != 'tool' %}{{ m }}{% endfor %}", "results of tools"),
        ("{{ instruction }}", "tools"),
    ],
)
def test_a_file_of_the_users_own_may_render_tools_and_is_refused_where_it_leaves_them_out(
    write, tmp_path, file, left_out
):
    (tmp_path / "own.jinja").write_text(file)
    own = load_template(str(tmp_path / "own.jinja"))
    assert own.target(sample(write, TURNS[1:2], None)).response == ANSWER
    if left_out is None:
        calls = json.dumps([CALL])
        assert own.target(sample(write, TURNS[1:])).prompt == (
            f'{json.dumps(TOOLS)}user:Is it raining?;assistant:{calls};tool:it is "dry";'
        )
    else:
        with pytest.raises(TemplateError, match=rf"row 0\): the file leaves {left_out} out"):
            own.target(sample(write))
