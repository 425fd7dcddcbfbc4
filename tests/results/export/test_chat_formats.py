"""Records as the turns that trainers read, and what has no place there is named."""

import datasets
import pytest

import icon
from icon.errors import ConfigError, InputError
from support.sealed import seal

FORMATS = ("llamafactory", "trl", "trl-prompt-completion", "axolotl", "axolotl-alpaca", "ms-swift")


def only_file(done, ending=".jsonl"):
    return next(path for path in done["files"] if path.endswith(ending))


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def test_messages_join_the_passage_to_the_users_turn_as_template_chat_does(make_run, alpaca):
    path = only_file(icon.export(make_run(alpaca), "trl"))
    found = datasets.load_dataset("json", data_files=path, split="train")
    assert found["messages"][:] == [
        [user("two\n\nthe passage"), assistant("bbbb bbbb")],
        [user("fünf 🙂"), assistant("dddd dddd dddd")],
    ]


def test_prompt_and_completion_part_before_the_response(make_run, conversations):
    path = only_file(icon.export(make_run(conversations), "trl-prompt-completion"))
    found = datasets.load_dataset("json", data_files=path, split="train")
    assert found["prompt"][0] == [
        {"role": "system", "content": "be kind"},
        user("hi"),
        assistant("hello you"),
        user("and now?"),
    ]
    assert found["completion"][0] == [assistant("x" * 40)]


@pytest.mark.parametrize(("template", "end"), [("paper", ""), ("alpaca", "\n"), ("auto", "\n")])
def test_text_is_the_prompt_that_was_scored(make_run, alpaca, read_lines, template, end):
    found = read_lines(only_file(icon.export(make_run(alpaca, template=template), "trl-text")))
    assert found[0] == {
        "prompt": "### Instruction:\ntwo\n\n### Input: the passage\n\n### Response:" + end,
        "completion": "bbbb bbbb",
    }


def test_a_conversation_ends_with_its_last_selected_turn(make_run, conversations, read_lines):
    """Of all turns the two longest are the last of row 0 and the first of row 2."""
    run = make_run(conversations, turns="every")
    found = read_lines(only_file(icon.export(run, "trl")))
    assert [len(row["messages"]) for row in found] == [5, 2]
    assert found[1]["messages"] == [user("first"), assistant("y" * 30)]


def test_turns_that_were_not_selected_are_marked_where_a_mark_exists(make_run, conversations, read_lines):
    run = make_run(conversations, turns="every")
    swift = read_lines(only_file(icon.export(run, "ms-swift")))
    assert [each.get("loss") for each in swift[0]["messages"]] == [None, None, False, None, True]
    axolotl = read_lines(only_file(icon.export(run, "axolotl")))
    assert [each["train"] for each in axolotl[0]["messages"]] == [False, False, False, False, True]
    for name in ("trl", "llamafactory"):
        done = icon.export(run, name, force=True)
        assert "1 conversations hold earlier assistant turns that were not selected" in done["notes"][0]


def test_prompt_completion_has_a_row_for_each_selected_turn_and_no_other(make_run, conversations, read_lines):
    run = make_run(conversations, keep=3, turns="every")
    done = icon.export(run, "trl-prompt-completion")
    found = read_lines(only_file(done))
    assert [row["completion"][0]["content"] for row in found] == ["x" * 40, "y" * 30, "z" * 20]
    assert found[2]["prompt"] == [user("first"), assistant("y" * 30), user("second")]


def test_judged_by_the_last_turn_nothing_is_marked(make_run, conversations, read_lines):
    run = make_run(conversations)
    for name in ("ms-swift", "axolotl"):
        found = read_lines(only_file(icon.export(run, name)))
        assert {key for row in found for turn in row["messages"] for key in turn} == {"role", "content"}


LOSSES = [
    ({"tools": [{"name": "search"}]}, {}, "'tools'"),
    ({"rejected_response": "no"}, {}, "'rejected_response'"),
    ({}, {"tool_calls": [{"name": "search", "arguments": {}}]}, r"messages\[1\].tool_calls"),
    ({}, {"reasoning_content": "let me see"}, r"messages\[1\].reasoning_content"),
    ({}, {"weight": 0}, r"messages\[1\].weight"),
]


@pytest.mark.parametrize(("of_record", "of_turn", "named"), LOSSES, ids=[each[2] for each in LOSSES])
def test_what_turns_cannot_hold_is_left_out_and_named(make_run, read_lines, of_record, of_turn, named):
    import re

    whole = {"messages": [user("a"), assistant("b" * 9)]}
    more = {"messages": [user("c"), {**assistant("dd"), **of_turn}, user("more"), assistant("d" * 8)], **of_record}
    run = make_run([{"messages": [user("e"), assistant("f")]}, more, whole])
    for name in FORMATS:
        done = icon.export(run, name)
        assert done["records"] == 1
        assert [record["row"] for record in done["left_out"]] == [1]
        assert re.search(named, done["left_out"][0]["reason"])
        assert len(read_lines(only_file(done))) == 1
    assert icon.export(run, "own")["records"] == 2


def test_empty_fields_and_labels_are_no_loss(make_run):
    record = {"messages": [user("a"), assistant("b")], "tools": [], "images": None, "system": " ", "id": 7, "kind": "x"}
    assert icon.export(make_run([record], keep=1), "trl")["left_out"] == []


def test_a_system_prompt_that_was_scored_is_exported(make_run, read_lines):
    record = {"system_prompt": "be kind", "question": "why?", "response": "because"}
    run = make_run([record, {**record, "question": "how?"}], keep=2)
    found = read_lines(only_file(icon.export(run, "trl")))
    assert found[0]["messages"][0] == {"role": "system", "content": "be kind"}
    assert read_lines(only_file(icon.export(run, "llamafactory")))[0]["system"] == "be kind"
    with pytest.raises(InputError, match=r"none of the selected records.*\n  row 0: it has a system prompt"):
        icon.export(run, "axolotl-alpaca")


def test_finished_prompts_fit_text_alone(make_run, read_lines, tmp_path):
    record = {"inputs": "### Question: why?\n\n### Answer:", "response": "because"}
    run = make_run([record], keep=1)
    for name in FORMATS:
        with pytest.raises(InputError, match=r"row 0: its prompt is a finished text.*trl-text"):
            icon.export(run, name)
    found = read_lines(only_file(icon.export(run, "trl-text")))
    assert found == [{"prompt": record["inputs"], "completion": "because"}]
    leftovers = [path.name for path in (tmp_path / "run" / "export").rglob("*") if path.is_file()]
    assert leftovers == ["run-trl-text.jsonl"]  # what failed left nothing behind


def test_bad_rows_are_left_out_of_all_and_named(make_run, alpaca, tmp_path):
    pool = tmp_path / "pool.jsonl"
    import json

    pool.write_text("\n".join([json.dumps(alpaca[0]), '{"instruction": ', json.dumps({"instruction": "x"})]))
    run = make_run(pool, keep=1, on_bad_row="skip")
    done = icon.export(run, "trl", which="all")
    assert done["records"] == 1
    assert [record["row"] for record in done["left_out"]] == [1, 2]
    own = icon.export(run, "own", which="all")
    assert [record["row"] for record in own["left_out"]] == [1]  # row 2 is no sample, and a record nonetheless
    assert own["records"] == 2


def test_text_refuses_the_models_own_chat_template(make_run, alpaca, tmp_path):
    import json

    run = make_run(alpaca)
    path = tmp_path / "run" / "run.json"
    manifest = json.loads(path.read_text())
    asked = {**manifest, "config": {**manifest["config"], "template": "chat"}}
    found = {**manifest, "inputs": {**manifest["inputs"], "template": {"name": "chat", "digest": "d"}}}
    for one in (asked, found):  # the run's setting, and what `auto` came to
        path.write_text(json.dumps(one))
        seal(tmp_path / "run")
        with pytest.raises(ConfigError, match="trl-prompt-completion"):
            icon.export(run, "trl-text")


def test_only_marks_on_answers_are_a_loss(make_run):
    """A user's turn is learned by no trainer, whatever its mark says."""
    marked = {"messages": [{**user("hi"), "train": False}, {**assistant("hello"), "train": True}]}
    done = icon.export(make_run([marked], keep=1), "trl")
    assert (done["records"], done["left_out"]) == (1, [])


@pytest.mark.parametrize("fields", [{"tools": '[{"name": "search"}]'}, {"rejected_response": "c"}])
def test_texts_lose_nothing_silently_either(make_run, fields):
    records = [{"instruction": "one", "output": "aaaa", **fields}, {"instruction": "two", "output": "bbb"}]
    done = icon.export(make_run(records), "trl-text")
    assert done["records"] == 1
    assert [(each["row"], next(iter(fields)) in each["reason"]) for each in done["left_out"]] == [(0, True)]


def test_what_is_exported_for_llamafactory_is_a_pool_with_the_same_prompts(make_run, conversations, tmp_path):
    first = make_run(conversations[:2], keep=1)
    path = only_file(icon.export(first, "llamafactory"))
    again = icon.run(
        path, scorer="length", baselines=(), keep="1", selector="top", out=tmp_path / "again", report=False
    )
    assert [row.id for row in again.rows] == [row.id for row in first.rows if row.selected]


def test_what_turns_cannot_hold_is_found_in_turns_as_json_text_too(make_run):
    import json

    turns = [user("a"), {**assistant("b"), "thinking": "c"}, user("d"), assistant("e" * 9)]
    run = make_run([{"messages": turns[2:]}, {"messages": json.dumps(turns)}])
    done = icon.export(run, "trl")
    assert [(left["row"], left["reason"][:21]) for left in done["left_out"]] == [(1, "messages[1].thinking ")]


@pytest.mark.parametrize("field", ["weight", "reasoning"])
def test_sharegpts_answers_are_answers_too(make_run, field):
    asked, value = {"from": "human", "value": "a"}, {"weight": 0, "reasoning": "so"}[field]
    turns = [asked, {"from": "gpt", "value": "b", field: value}, asked, {"from": "gpt", "value": "c" * 9}]
    done = icon.export(make_run([{"conversations": turns[2:]}, {"conversations": turns}]), "trl")
    assert [left["reason"].partition(" ")[0] for left in done["left_out"]] == [f"conversations[1].{field}"]
