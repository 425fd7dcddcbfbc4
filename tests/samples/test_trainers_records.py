"""The records of trainers' own examples: question, answer and the answer's place in the rendered text, each by hand.

The records are in the shapes of the published data sets, in words of their own.
"""

from __future__ import annotations

import json

import pytest

from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import ChatTemplate, Message
from support.reading import fault, only

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
QWEN_3 = """
{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + (m.content or '') }}
{%- for call in m.tool_calls or [] %}{%- if (loop.first and m.content) or not loop.first %}{{- '\n' }}{% endif %}
{{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) }}
{{- '}\n</tool_call>' }}{% endfor %}{{- '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{% endif %}"""


def as_chatml(sample):
    """The prompt and the response as a plain ChatML template renders them, to the end of the response."""
    target = load_template("chat", ChatTemplate(CHATML, "", "<|im_end|>")).target(sample)
    return target.prompt, target.response


def chatml(*turns):
    """The same, written by hand: every turn but the last, and the beginning of the last."""
    said = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns)
    return said + "<|im_start|>assistant\n"


SOLVED = "<think>\n3 * 4 = 12\n</think>\nThe area is \\boxed{12}."

RECORDS = {
    "Alpaca": (
        {"instruction": "Translate.", "input": "Guten Tag", "output": "Good day", "text": "Below is ..."},
        [("user", "Translate.\n\nGuten Tag")],
        "Good day",
    ),
    "FineTome": (
        {
            "conversations": [{"from": "human", "value": "Name a sea."}, {"from": "gpt", "value": "The Baltic."}],
            "source": "made",
            "score": 5.2,
        },
        [("user", "Name a sea.")],
        "The Baltic.",
    ),
    "SlimOrca": (
        {
            "conversations": [
                {"from": "system", "value": "Be brief.", "weight": None},
                {"from": "human", "value": "Name a sea.", "weight": 0.0},
                {"from": "gpt", "value": "The Baltic.", "weight": 1.0},
            ]
        },
        [("system", "Be brief."), ("user", "Name a sea.")],
        "The Baltic.",
    ),
    "Capybara": (
        {
            "source": "made",
            "conversation": [
                {"input": "Name a sea.", "output": "The Baltic."},
                {"input": "And a lake?", "output": "Vänern."},
            ],
        },
        [("user", "Name a sea."), ("assistant", "The Baltic."), ("user", "And a lake?")],
        "Vänern.",
    ),
    "Capybara of TRL": (
        {
            "source": "made",
            "messages": [{"content": "Name a sea.", "role": "user"}, {"content": "The Baltic.", "role": "assistant"}],
            "num_turns": 1,
        },
        [("user", "Name a sea.")],
        "The Baltic.",
    ),
    "OpenMathReasoning": (
        {
            "expected_answer": "12",
            "problem_type": "has_answer_extracted",
            "problem_source": "made",
            "generation_model": "none",
            "pass_rate_72b_tir": "0.5",
            "problem": "What is the area of 3 by 4?",
            "generated_solution": SOLVED,
            "inference_mode": "cot",
            "used_in_kaggle": True,
        },
        [("user", "What is the area of 3 by 4?")],
        SOLVED,
    ),
    "NuminaMath": (
        {"source": "made", "problem": "2 + 3?", "solution": "It is 5.", "answer": "5", "problem_is_valid": "Yes"},
        [("user", "2 + 3?")],
        "It is 5.",
    ),
    "gsm8k": (
        {"question": "Ann has 2 pens and buys 3. How many?", "answer": "2 + 3 = <<2+3=5>>5\n#### 5"},
        [("user", "Ann has 2 pens and buys 3. How many?")],
        "2 + 3 = <<2+3=5>>5\n#### 5",
    ),
    "input and output": ({"input": "Name a sea.", "output": "The Baltic."}, [("user", "Name a sea.")], "The Baltic."),
    "Nemotron": (
        {
            "input": [{"role": "user", "content": "Name a sea."}],
            "output": "The Baltic.",
            "reasoning": "off",
            "system_prompt": "detailed thinking off",
            "category": "chat",
        },
        [("system", "detailed thinking off"), ("user", "Name a sea.")],
        "The Baltic.",
    ),
    "ms-swift": (
        {"system": "Be brief.", "query": "And a lake?", "response": "Vänern.", "history": [["A sea?", "The Baltic."]]},
        [("system", "Be brief."), ("user", "A sea?"), ("assistant", "The Baltic."), ("user", "And a lake?")],
        "Vänern.",
    ),
    "Aya": (
        {"inputs": "Name a sea.", "targets": "The Baltic.", "language": "English"},
        [("user", "Name a sea.")],
        "The Baltic.",
    ),
    "preference": (
        {
            "chosen": [{"role": "user", "content": "Name a sea."}, {"role": "assistant", "content": "The Baltic."}],
            "rejected": [{"role": "user", "content": "Name a sea."}, {"role": "assistant", "content": "Berlin."}],
        },
        [("user", "Name a sea.")],
        "The Baltic.",
    ),
}


@pytest.mark.parametrize("shape", RECORDS)
def test_question_answer_and_span_of_the_answer_are_those_of_the_record(write, shape):
    record, turns, answer = RECORDS[shape]
    sample = only(write, record)
    prompt, response = as_chatml(sample)
    assert (prompt, response) == (chatml(*turns), answer)
    assert sample.response == answer


def test_names_of_a_known_format_come_before_the_usual_ones(write):
    """NuminaMath-CoT has its turns beside problem and solution, Tatsu's Alpaca its text."""
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert load_samples(write([{"problem": "q", "solution": "a", "messages": turns}])).format == "messages"
    text = "Below is an instruction.\n\n### Instruction:\nq\n\n### Response:\na"
    assert load_samples(write([{"instruction": "q", "output": "a", "text": text}])).format == "alpaca"


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


PAIR = {"prompt": "Name a sea.", "chosen": "The Baltic.", "rejected": "Berlin."}


def test_the_switch_scores_the_rejected_answer_of_a_pair(write):
    chosen, rejected = only(write, PAIR), only(write, PAIR, preference="rejected")
    assert (chosen.response, rejected.response) == ("The Baltic.", "Berlin.")
    assert chosen.messages == rejected.messages
    assert chosen.id != rejected.id


def test_what_no_sample_has_is_counted_per_field(write):
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    thought = [turns[0], {**turns[1], "content": "b", "reasoning_content": "Think."}]
    records = [
        {"messages": turns, "images": ["a.png"], "rating": 3},
        {"messages": thought, "images": []},
        {"messages": [{"role": "user", "content": "q", "images": ["b.png"]}, {"role": "assistant", "content": "c"}]},
    ]
    loaded = load_samples(write(records), reasoning="ignore", ignore=["images"])
    assert loaded.left_out == {"images": 2, "reasoning_content": 1}
    assert load_samples(write([PAIR])).left_out == {"rejected": 1}
    assert load_samples(write([PAIR]), preference="rejected").left_out == {"chosen": 1}
    assert load_samples(write([{"messages": turns, "rating": 3}])).left_out == {}
