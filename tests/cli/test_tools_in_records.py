"""From the command line: a pool of tool calls is refused once, with all that is needed to run it, and then it runs."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

TASKS = [{"instruction": f"a task apart {n}", "output": f"done apart {n}"} for n in range(4)]
SETTINGS = ("--backend", "fake", "--template", "alpaca", "--assessment", "tasks.jsonl", "--keep", "50%", "--no-report")
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CALL = {"type": "function", "function": {"name": "weather", "arguments": "{}"}}


def record(number, said="", answer=None):
    """A question about the weather, a call, and where there is an answer the call's result and the answer."""
    turns = [
        {"role": "user", "content": f"How is the weather in town {number}?"},
        {"role": "assistant", "content": said, "tool_calls": [CALL]},
    ]
    if answer:
        turns += [{"role": "tool", "content": "dry"}, {"role": "assistant", "content": answer}]
    return {"messages": turns, "tools": [TOOL]}


def asked(number):
    turns = [{"role": "user", "content": f"Hello, {number}"}, {"role": "assistant", "content": f"Hello to {number}."}]
    return {"messages": turns, "tools": [TOOL]}


POOLS = {
    "calls as answers": ([record(n) for n in range(8)], "--tool-calls response --ignore tools"),
    "calls beside an answer": ([record(n, f"I look, {n}.") for n in range(8)], "--ignore tool_calls --ignore tools"),
    "definitions": ([asked(n) for n in range(8)], "--ignore tools"),
    "results": ([record(n, answer=f"It is dry in {n}.") for n in range(8)], "--template tools.jinja"),
}


@pytest.fixture
def start(with_fake_backend, tmp_path):
    """Writes records, and runs on them."""

    def run(records, *arguments, **more):
        for name, lines in (("pool", records), ("tasks", TASKS)):
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return with_fake_backend("run", "pool.jsonl", *SETTINGS, "--out", "run", *arguments, cwd=tmp_path, **more)

    return run


@pytest.mark.parametrize("pool", POOLS)
def test_the_first_refusal_names_every_option_that_the_second_call_needs(start, tools_file, pool):
    records, needed = POOLS[pool]
    said = " ".join(start(records, code=2).stderr.split())
    assert needed in said
    assert "8 bad rows" in said or "8 of 8 candidates" in said
    start(records, *shlex.split(needed), code=0)


@pytest.fixture
def tools_file(tmp_path):
    """The file that the reference has for models whose template shows no tools."""
    text = (Path(__file__).parents[2] / "docs/reference/compatibility.md").read_text(encoding="utf-8")
    (tmp_path / "tools.jinja").write_text(text.partition("```jinja\n")[2].partition("```")[0])


def test_rows_with_one_kind_of_fault_are_one_sentence_with_their_number_and_first_places(start):
    said = start([record(n) for n in range(12)], code=2).stderr
    assert said.count("a call of a tool in the answer") == 1
    assert "12 rows: line 1 (row 0), line 2 (row 1), line 3 (row 2) and 9 more, field 'messages[1]': found" in said


def test_candidates_that_a_template_cannot_render_are_one_sentence_for_each_cause(start, tmp_path):
    records = [*(asked(n) for n in range(8)), *(record(n, answer=f"It is dry in {n}.") for n in range(4))]
    said = " ".join(start(records, code=2).stderr.split())
    assert said.count("has no place for") == 2
    assert "8 of 12 candidates; the first: sample" in said
    assert "4 of 12 candidates; the first: sample" in said
