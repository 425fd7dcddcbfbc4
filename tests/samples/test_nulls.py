"""Null counts where the record's own text has it, and not where a table fills it in."""

from __future__ import annotations

import json

import pytest

from icon.samples import load_samples
from icon.samples.templates._chat import ModelChatTemplate
from icon.types import ChatTemplate

USER, ANSWER, RESULT = (
    {"role": "user", "content": "How warm?"},
    {"role": "assistant", "content": "Mild."},
    {"role": "tool", "content": "42"},
)


def calling(arguments):
    call = {"type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"messages": [USER, {"role": "assistant", "content": "", "tool_calls": [call]}, RESULT, ANSWER]}


SOURCE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def test_null_in_arguments_of_json_text_makes_another_sample_and_is_rendered(write):
    loaded = load_samples(write([calling('{"x": 1, "unit": null}'), calling('{"x": 1}')]))
    assert (len(loaded.samples), loaded.duplicates) == (2, [])
    template = ModelChatTemplate(ChatTemplate(SOURCE, "", "<end>"))
    assert [template.target(sample).prompt for sample in loaded.samples] == [
        f"<user>How warm?<assistant>{arguments}<tool>42<assistant>"
        for arguments in ('{"x": 1, "unit": null}', '{"x": 1}')
    ]


def test_null_in_calls_of_json_text_is_kept_too(write):
    calls = [{"name": "f", "arguments": {"x": 1, "unit": None}}]
    turns = [USER, {"role": "assistant", "content": "", "tool_calls": json.dumps(calls)}, RESULT, ANSWER]
    said = [{"from": "human", "value": "How warm?"}, {"from": "function_call", "value": json.dumps(calls[0])}]
    said += [{"from": "observation", "value": "42"}, {"from": "gpt", "value": "Mild."}]
    within = [USER, {"role": "assistant", "content": "", "tool_calls": calls}, RESULT, ANSWER]
    records = [{"messages": turns}, {"messages": json.dumps(turns)}, {"messages": json.dumps(within)}]
    answered = {"prompt": json.dumps(within[:3]), "completion": [ANSWER]}
    for record in [*records, {"conversations": said}, answered]:
        (sample,) = load_samples(write([record])).samples
        assert json.loads(sample.messages[1].beside)["tool_calls"][0]["function"]["arguments"] == calls[0]["arguments"]


def with_default(**default):
    unit = {"type": "string", **default}
    return [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"unit": unit}}}}]


def as_texts(tools):
    return [json.dumps(tool) for tool in tools]


@pytest.mark.parametrize("form", [json.dumps, as_texts])
def test_null_in_definitions_of_json_text_makes_another_sample(write, form):
    both = [with_default(default=None), with_default()]
    loaded = load_samples(write([{"messages": [USER, ANSWER], "tools": form(tools)} for tools in both]))
    assert [json.loads(sample.tools) for sample in loaded.samples] == both
    assert loaded.duplicates == []


def test_null_that_a_table_fills_in_is_nothing(write, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    records = [calling({"x": "1"}), calling({"unit": "C"})]  # a table gives both objects both keys
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "pool.parquet")
    table = load_samples(str(tmp_path / "pool.parquet")).samples
    assert table == load_samples(write(records)).samples


def test_the_id_of_a_pair_does_not_depend_on_keys_that_other_rows_have(write, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    bad = {"role": "assistant", "content": "Hot."}
    pairs = [
        {"prompt": "How warm?", "chosen": [USER, ANSWER], "rejected": [USER, bad]},
        {"prompt": "How warm?", "chosen": [USER, ANSWER], "rejected": [USER, {**bad, "name": "ann"}]},
    ]
    ids = [sample.id for sample in load_samples(write(pairs)).samples]
    assert len(set(ids)) == 2
    for name, rows in (("alone", pairs[:1]), ("both", pairs)):
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet")
        table = load_samples(str(tmp_path / f"{name}.parquet"))
        assert [sample.id for sample in table.samples] == ids[: len(rows)]
