"""The records of trainers' own examples: question, answer and the answer's place in the rendered text, each by hand.

The records are in the shapes of the published data sets, in words of their own.
"""

from __future__ import annotations

import pytest

from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import ChatTemplate
from support.reading import only

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


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
