"""Every field that counts, dropped in turn: the record is another sample then, or one of the two is a bad row.

So records that differ in such a field alone are never taken for exact duplicates. What counts for nothing (ids, labels
of classes, marks that say what is so anyway) changes nothing.
"""

from __future__ import annotations

import copy
import json
from hashlib import blake2b

import pytest

from icon.samples import load_samples

TOOLS = [{"type": "function", "function": {"name": "weather"}}]
CALLS = [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": {"at": "sea"}}}]

PLAIN_TURNS = [
    {"role": "user", "content": "Is it raining?", "name": "ann"},
    {"role": "assistant", "content": "No.", "weight": 0, "reasoning_content": "Look up."},
    {"role": "user", "content": "And now?"},
    {"role": "assistant", "content": "Yes.", "thinking": "Look up again.", "weight": 1},
]
TOOL_TURNS = [
    {"role": "user", "content": "Is it raining?"},
    {"role": "assistant", "content": "Let me see.", "tool_calls": CALLS},
    {"role": "tool", "content": "dry", "tool_call_id": "c1"},
    {"role": "assistant", "content": "No."},
]
ASKED = TOOL_TURNS[:1]
PAIR = {"prompt": "Is it raining?", "chosen": "No.", "rejected": "Yes.", "system_prompt": "Be brief.", "score": 7}
ALPACA = {
    "instruction": "Is it raining?",
    "input": "a log",
    "output": "No.",
    "system": "Be brief.",
    "history": [["Ahoy", "Ahoy!"]],
    "reasoning": "Look up.",
    "tools": json.dumps(TOOLS),
    "kto_tag": True,
    "label": "entailment",
    "id": 3,
}

CASES = [
    ({"messages": PLAIN_TURNS, "tools": TOOLS, "system": "Be brief."}, ["tools"], "another sample"),
    ({"messages": PLAIN_TURNS, "tools": TOOLS, "system": "Be brief."}, ["system"], "another sample"),
    ({"messages": PLAIN_TURNS}, ["messages", 1, "weight"], "another sample"),
    ({"messages": PLAIN_TURNS}, ["messages", 1, "reasoning_content"], "another sample"),
    ({"messages": PLAIN_TURNS}, ["messages", 3, "thinking"], "another sample"),
    ({"messages": PLAIN_TURNS}, ["messages", 3, "weight"], "the same"),
    ({"messages": [PLAIN_TURNS[0], {**PLAIN_TURNS[3], "weight": 0.5}]}, ["messages", 1, "weight"], "another sample"),
    ({"messages": [*ASKED, {**TOOL_TURNS[3], "loss_scale": 2}]}, ["messages", 1, "loss_scale"], "another sample"),
    ({"messages": [PLAIN_TURNS[0], {**PLAIN_TURNS[3], "mask": False}]}, ["messages", 1, "mask"], "the same"),
    ({"messages": PLAIN_TURNS}, ["messages", 0, "name"], "the same"),
    ({"messages": TOOL_TURNS}, ["messages", 1, "tool_calls"], "another sample"),
    ({"messages": TOOL_TURNS}, ["messages", 2, "tool_call_id"], "another sample"),
    ({"messages": TOOL_TURNS}, ["messages", 2], "a bad row"),
    ({"messages": TOOL_TURNS[:2]}, ["messages", 1, "tool_calls"], "a bad row"),
    ({"messages": TOOL_TURNS, "images": ["a.png"]}, ["images"], "a bad row"),
    *((PAIR, [name], outcome) for name, outcome in (
        ("system_prompt", "another sample"),
        ("score", "the same"),
        ("prompt", "a bad row"),
        ("chosen", "a bad row"),
        ("rejected", "another sample"),
    )),
    *((ALPACA, [name], "another sample") for name in ("input", "system", "history", "reasoning", "tools")),
    *((ALPACA, [name], "the same") for name in ("kto_tag", "label", "id")),
    ({**ALPACA, "kto_tag": False}, ["kto_tag"], "a bad row"),
    ({**ALPACA, "label": False}, ["label"], "the same"),
    ({"messages": PLAIN_TURNS, "label": False}, ["label"], "a bad row"),
    ({**ALPACA, "rejected_response": "Yes."}, ["rejected_response"], "another sample"),
    ({"messages": TOOL_TURNS, "rejected_messages": TOOL_TURNS[:1]}, ["rejected_messages"], "another sample"),
]  # fmt: skip


FORMATS = {"chosen": "preference", "messages": "messages", "instruction": "alpaca"}


def without(record, path):
    changed = copy.deepcopy(record)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


@pytest.mark.parametrize("reasoning", ["response", "ignore"])
@pytest.mark.parametrize(("record", "path", "outcome"), CASES, ids=[f"{case[1]} {case[2]}" for case in CASES])
def test_a_field_that_counts_is_missed(write, record, path, outcome, reasoning):
    name = next(known for field, known in FORMATS.items() if field in record)
    source = write([record, without(record, path), {**record, "id": 99}])
    bad = outcome == "a bad row"
    if bad:  # a good record, so that not every row is a bad one
        good = {"preference": {**PAIR, "prompt": "?"}, "messages": {"messages": TOOL_TURNS[:1] + TOOL_TURNS[3:]}}
        source = write([record, without(record, path), good.get(name, {"instruction": "?", "output": "!"})])
    loaded = load_samples(source, format=name, reasoning=reasoning, on_bad_row="skip")
    assert len(loaded.faults) == bad
    if not bad:
        assert [found.row for found in loaded.duplicates] == ([2] if outcome == "another sample" else [1, 2])


def test_a_sample_without_such_fields_has_the_id_of_earlier_versions(write):
    """The digest of the texts alone, by the formula that every earlier run was made with."""
    records = [
        {"messages": [{"role": "system", "content": "s"}, *TOOL_TURNS[:1], TOOL_TURNS[3]], "tools": [], "images": None},
        {"conversations": [{"from": "human", "value": "q", "weight": 0}, {"from": "gpt", "value": "a", "weight": 1.0}]},
    ]
    texts = [
        [[["system", "s"], ["user", "Is it raining?"]], "", "No."],
        [[["user", "q"]], "", "a"],
    ]
    for record, content in zip(records, texts, strict=True):
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        (sample,) = load_samples(write([record])).samples
        assert sample.id == blake2b(data, digest_size=8).hexdigest()


def test_no_two_records_of_one_text_are_duplicates_where_anything_else_differs(write):
    """The shapes of public reports: many tools, system prompts, rejected answers and thoughts of one text."""
    turns = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
    base = {"conversations": turns}
    records = [{**base, "tools": json.dumps([{"name": f"tool_{n}"}])} for n in range(6)]
    records += [{**base, "system_prompt": f"You are number {n}."} for n in range(6)]
    records += [{**base, "rejected_response": f"no {n}"} for n in range(6)]
    records += [{**base, "thinking": f"thought {n}"} for n in range(6)]
    loaded = load_samples(write([base, *records]), reasoning="ignore")
    assert (len(loaded.samples), loaded.duplicates) == (25, [])
