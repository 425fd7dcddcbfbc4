"""Axolotl and ms-swift: data and snippets in the fields that their documentation names."""

import json
import shlex
from pathlib import Path

import datasets
import pytest
import yaml

import icon
from icon.errors import ConfigError

CHAT_TEMPLATE = {"field_messages", "message_property_mappings", "roles_to_train", "message_field_training"}
DATA_SET = {"path", "type", "ds_type", *CHAT_TEMPLATE}


def axolotl_entry(done):
    written = yaml.safe_load(Path(done["files"][1]).read_text(encoding="utf-8"))
    assert list(written) == ["datasets"]
    (entry,) = written["datasets"]
    assert entry.keys() <= DATA_SET
    return entry


def loaded(entry):
    return datasets.load_dataset(entry["ds_type"], data_files=entry["path"], split="train")


def test_chat_template_finds_the_messages_under_the_names_it_is_told(make_run, conversations):
    entry = axolotl_entry(icon.export(make_run(conversations), "axolotl"))
    assert entry["type"] == "chat_template"
    names = entry["message_property_mappings"]
    turns = loaded(entry)[entry["field_messages"]][0]
    assert [turn[names["role"]] for turn in turns] == ["system", "user", "assistant", "user", "assistant"]
    assert turns[-1][names["content"]] == "x" * 40


def test_where_every_turn_was_judged_the_mark_alone_says_what_is_learned(make_run, conversations):
    entry = axolotl_entry(icon.export(make_run(conversations, turns="every"), "axolotl"))
    assert entry["roles_to_train"] == []
    learned = [turn[entry["message_field_training"]] for turn in loaded(entry)["messages"][0]]
    assert learned == [False, False, False, False, True]


def test_alpaca_has_the_three_fields_of_its_type(make_run, alpaca):
    entry = axolotl_entry(icon.export(make_run(alpaca), "axolotl-alpaca"))
    assert entry["type"] == "alpaca"
    assert loaded(entry)[0] == {"instruction": "two", "input": "the passage", "output": "bbbb bbbb"}


def test_a_path_with_odd_signs_survives_the_yaml(make_run, alpaca, tmp_path):
    place = tmp_path / 'a "quoted": # path'
    entry = axolotl_entry(icon.export(make_run(alpaca), "axolotl", place))
    assert entry["path"] == str(place / "run.jsonl")
    assert len(loaded(entry)) == 2


def test_swift_reads_the_file_that_its_command_names(make_run, conversations, read_lines):
    done = icon.export(make_run(conversations), "ms-swift")
    words = shlex.split(Path(done["files"][1]).read_text().splitlines()[-1])
    assert words[:2] == ["swift", "sft"]
    records = read_lines(words[words.index("--dataset") + 1])
    assert len(records) == 2
    for record in records:
        assert record.keys() == {"messages"}
        turns = record["messages"]
        assert all(turn["role"] in ("system", "user", "assistant") for turn in turns)
        assert turns[-1]["role"] == "assistant"
    assert records[0]["messages"][0] == {"role": "system", "content": "be kind"}


def test_swift_would_misread_a_path_with_its_own_signs(make_run, alpaca, tmp_path):
    with pytest.raises(ConfigError, match="'#'"):
        icon.export(make_run(alpaca), "ms-swift", tmp_path / "part#2")
    assert not (tmp_path / "part#2").exists()


def test_one_object_a_line_without_breaks(make_run, alpaca):
    alpaca[1]["output"] = "two\nlines\u2028here " * 3
    done = icon.export(make_run(alpaca), "ms-swift")
    lines = Path(done["files"][0]).read_bytes().split(b"\n")
    assert len(lines) == 3
    assert json.loads(lines[0])["messages"][1]["content"] == alpaca[1]["output"]
