"""LLaMA-Factory: dataset_info.json has the fields that its data/README.md documents, and other entries stay."""

import json

import pytest

import icon
from icon.errors import ConfigError

ENTRY = {"file_name", "formatting", "columns", "tags", "ranking", "subset", "split", "folder", "num_samples"}
COLUMNS = {"prompt", "query", "response", "history", "messages", "system", "tools", "images", "videos", "audios"}
TAGS = {"role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag"}


def as_documented(entry, record):
    """The turns that LLaMA-Factory makes of a record, by its documentation of the two formats."""
    assert entry.keys() <= ENTRY
    columns, tags = entry["columns"], entry.get("tags", {})
    assert columns.keys() <= COLUMNS
    assert tags.keys() <= TAGS
    assert set(columns.values()) == set(record)
    if entry["formatting"] == "alpaca":
        query = [record[columns["prompt"]], record[columns["query"]]]
        turns = [("user", "\n".join(each for each in query if each)), ("assistant", record[columns["response"]])]
        return record[columns["system"]], turns
    assert entry["formatting"] == "sharegpt"
    roles = {tags["user_tag"]: "user", tags["assistant_tag"]: "assistant"}
    turns = [(roles[each[tags["role_tag"]]], each[tags["content_tag"]]) for each in record[columns["messages"]]]
    assert [role for role, _ in turns] == ["user", "assistant"] * (len(turns) // 2)
    return record[columns["system"]], turns


def exported(done, read_lines):
    data, info = done["files"]
    entries = read_lines_as_json(info)
    name = next(name for name, each in entries.items() if data.endswith(each["file_name"]))
    return entries[name], read_lines(data)


def read_lines_as_json(path):
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return json.load(file)


def test_single_turns_are_alpaca_and_the_passage_is_the_input(make_run, alpaca, read_lines):
    entry, records = exported(icon.export(make_run(alpaca), "llamafactory"), read_lines)
    assert entry["formatting"] == "alpaca"
    assert records[0] == {"instruction": "two", "input": "the passage", "output": "bbbb bbbb", "system": ""}
    assert as_documented(entry, records[0]) == ("", [("user", "two\nthe passage"), ("assistant", "bbbb bbbb")])


def test_conversations_are_sharegpt_with_the_system_prompt_in_its_column(make_run, conversations, read_lines):
    entry, records = exported(icon.export(make_run(conversations), "llamafactory"), read_lines)
    system, turns = as_documented(entry, records[0])
    assert system == "be kind"
    assert turns == [("user", "hi"), ("assistant", "hello you"), ("user", "and now?"), ("assistant", "x" * 40)]
    assert as_documented(entry, records[1])[0] == ""


def test_other_entries_stay_and_an_own_one_is_replaced_only_with_force(make_run, alpaca, tmp_path, read_lines):
    folder = tmp_path / "data"
    folder.mkdir()
    others = {"identity": {"file_name": "identity.json"}, "größe": {"hf_hub_url": "a/b", "columns": {"prompt": "text"}}}
    (folder / "dataset_info.json").write_text(json.dumps(others, ensure_ascii=False), encoding="utf-8")
    run = make_run(alpaca)
    icon.export(run, "llamafactory", folder)
    found = read_lines_as_json(folder / "dataset_info.json")
    assert {name: found[name] for name in others} == others
    assert list(found) == [*others, "run"]
    (folder / "dataset_info.json").write_text(json.dumps({**found, "run": {"file_name": "mine.jsonl"}}))
    with pytest.raises(ConfigError, match="--force"):
        icon.export(run, "llamafactory", folder)
    icon.export(run, "llamafactory", folder, which="dropped")
    icon.export(run, "llamafactory", folder, force=True)
    assert list(read_lines_as_json(folder / "dataset_info.json")) == [*others, "run", "run-dropped"]


@pytest.mark.parametrize("text", ['{"a": ', "[]"])
def test_a_dataset_info_that_cannot_be_read_is_left_as_it_is(make_run, alpaca, tmp_path, text):
    (tmp_path / "dataset_info.json").write_text(text)
    with pytest.raises(ConfigError, match="left as it is"):
        icon.export(make_run(alpaca), "llamafactory", tmp_path)
    assert (tmp_path / "dataset_info.json").read_text() == text
    assert not (tmp_path / "run.jsonl").exists()
