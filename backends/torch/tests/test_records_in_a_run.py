"""From records to numbers: what a record holds for the model is what the model reads, and its answer is scored.

The reference is transformers alone: the tokenizer's own chat template applied to the record's turns and tools, one
plain pass of the model over it, and the mean over the tokens of the answer.
"""

from __future__ import annotations

import json
import math

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.runs.scores import read_scores
from support.command_line import CommandLine

CHAT = """
{%- if tools %}{{- '<tools>' + (tools | tojson) + '\n' }}{% endif %}
{%- for m in messages %}{{- m.role + ':' + (m.content or '') }}
{%- for call in m.tool_calls or [] %}{{- '<call>' + (call.function | tojson) }}{% endfor %}{{- '\n' }}{% endfor %}
{%- if add_generation_prompt %}{{- 'assistant:' }}{% endif %}"""

ASKED = {"role": "user", "content": "Is it raining?"}
ANSWER = {"role": "assistant", "content": "No, it is dry."}
TOOLS = [{"type": "function", "function": {"name": "weather"}}]
CALL = {"type": "function", "function": {"name": "weather", "arguments": {"at": "sea"}}}
CALLING = [ASKED, {"role": "assistant", "content": "", "tool_calls": [CALL]}, {"role": "tool", "content": "dry"}]
SYSTEM = {"role": "system", "content": "Be brief."}
TWICE = [ASKED, {"role": "assistant", "content": "No."}, {"role": "user", "content": "And now?"}]
OTHER = {"role": "assistant", "content": "Still none."}

RECORDS = [
    ({"messages": [ASKED, ANSWER], "tools": TOOLS}, [ASKED], TOOLS, ANSWER),
    ({"messages": [ASKED, ANSWER], "tools": json.dumps(TOOLS), "system": "Be brief."}, [SYSTEM, ASKED], TOOLS, ANSWER),
    ({"messages": [*CALLING, ANSWER], "tools": TOOLS}, CALLING, TOOLS, ANSWER),
    ({"messages": [*CALLING, ANSWER]}, CALLING, None, ANSWER),
    ({"messages": [ASKED, ANSWER], "system_prompt": "Be brief."}, [SYSTEM, ASKED], None, ANSWER),
    ({"messages": [*TWICE, OTHER]}, TWICE, None, OTHER),
    ({"messages": [ASKED, ANSWER, TWICE[2], {**OTHER, "weight": 0}], "tools": []}, [ASKED], None, ANSWER),
    (
        {"messages": [ASKED, {**ANSWER, "thinking": "Look up."}]},
        [ASKED],
        None,
        {"role": "assistant", "content": "<think>\nLook up.\n</think>\n\nNo, it is dry."},
    ),
]
"""A record, and the turns, tools and answer that a trainer would give its chat template."""

PAIRS = [
    ({"messages": TWICE, "chosen": OTHER, "rejected": ANSWER}, TWICE, None, OTHER),
    ({"prompt": "Is it raining?", "chosen": ANSWER["content"], "rejected": "Yes."}, [ASKED], None, ANSWER),
    ({"prompt": [ASKED], "chosen": [ANSWER], "rejected": [OTHER], "tools": TOOLS}, [ASKED], TOOLS, ANSWER),
]


@pytest.fixture(scope="module")
def model(tiny, tmp_path_factory):
    """A tiny model whose chat template knows tools."""
    folder = tmp_path_factory.mktemp("tools")
    for path in tiny("llama").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    return folder


def nll(model, turns, tools, answer):
    """Mean NLL of the answer's tokens, by transformers alone."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    asked = tokenizer.apply_chat_template(turns, tools=tools, add_generation_prompt=True, tokenize=False)
    ids = tokenizer(asked + answer["content"], add_special_tokens=False, return_tensors="pt").input_ids
    n = len(tokenizer(answer["content"], add_special_tokens=False).input_ids)
    with torch.no_grad():
        logits = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)(ids).logits
    logprobs = torch.log_softmax(logits[0, :-1].double(), -1)
    return -logprobs[range(len(ids[0]) - 1), ids[0, 1:]][-n:].mean().item()


@pytest.mark.parametrize("cases", [RECORDS, PAIRS], ids=["records", "pairs"])
def test_every_record_is_scored_as_transformers_scores_its_turns(model, tmp_path, cases):
    lines = [json.dumps(record) + "\n" for record, *_ in cases]
    (tmp_path / "pool.jsonl").write_text("".join(lines))
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"instruction": "a task apart", "output": "done apart"}) + "\n")
    given = ["--assessment", "tasks.jsonl", "--backend", "torch", "--model", model, "--device", "cpu", "--no-report"]
    given += ["--scorer", "ppl", "--selector", "top", "--keep", "1", "--reasoning", "response", "--out", "run"]
    CommandLine(tmp_path)("run", "pool.jsonl", *given, "--template", "chat", "--dtype", "float32", code=0)
    rows = read_scores(tmp_path / "run" / "scores.parquet")
    assert [(row.row, str(row.status)) for row in rows] == [(n, "scored") for n in range(len(cases))]
    expected = [nll(model, *rest) for _, *rest in cases]
    assert len({round(value, 4) for value in expected}) == len(cases)  # they do depend on what is beside the turns
    for row, value in zip(rows, expected, strict=True):
        assert math.log(-row.score) == pytest.approx(value, abs=1e-4), row.row
