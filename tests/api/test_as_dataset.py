"""The selected records as a `datasets.Dataset`: what trainers take, from the run directory alone."""

import json

import datasets
import pytest

import icon

ROWS = [
    {"instruction": "one", "input": "", "output": "a"},
    {"instruction": "two", "input": "the passage", "output": "bbbb bbbb", "when": "2026-01-02"},
    {"instruction": "three", "input": "", "output": "c"},
    {"instruction": "four", "input": "", "output": "dddd dddd dddd"},
]


@pytest.fixture
def run_on(tmp_path):
    (tmp_path / "tasks.jsonl").write_text('{"instruction": "a task apart", "output": "done apart"}\n')

    def run(pool, **settings):
        given = {"scorer": "length", "baselines": (), "selector": "top", "report": False, "progress": False}
        return icon.run(
            pool, assessment=tmp_path / "tasks.jsonl", out=tmp_path / "run", keep=2, **{**given, **settings}
        )

    return run


def test_a_trainer_gets_conversations(run_on):
    found = icon.as_dataset(run_on(ROWS))
    assert isinstance(found, datasets.Dataset)
    assert [[turn["content"] for turn in row["messages"]] for row in found] == [
        ["two\n\nthe passage", "bbbb bbbb"],
        ["four", "dddd dddd dddd"],
    ]
    assert [turn["role"] for turn in found[0]["messages"]] == ["user", "assistant"]


@pytest.mark.parametrize("to", ["trl", "trl-prompt-completion", "trl-text"])
def test_it_has_the_rows_of_the_export_of_that_name(run_on, to):
    result = run_on(ROWS, template="alpaca")
    exported = result.export(to)["files"][0]
    with open(exported, encoding="utf-8") as file:  # noqa: PTH123  as the consumers do
        rows = [json.loads(line) for line in file]
    assert result.as_dataset(to).to_list() == rows


def test_the_own_records_keep_their_columns_and_types(run_on):
    table = datasets.Dataset.from_list([{**row, "n": n} for n, row in enumerate(ROWS)])
    table = table.cast_column("n", datasets.Value("int8"))
    found = run_on(table, ignore=["n"]).as_dataset("own")
    assert found.features == table.features
    assert found.to_list() == [table[1], table[3]]


def test_a_text_that_looks_like_a_date_stays_a_text(run_on):
    result = run_on(ROWS, ignore=["when"])
    assert result.as_dataset("own")["when"][:] == ["2026-01-02", None]
    assert result.selected()["when"][:] == ["2026-01-02", None]


def test_the_pool_may_be_gone(run_on, tmp_path):
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    result = run_on(pool, ignore=["when"])
    pool.unlink()
    assert len(icon.as_dataset(result.path)) == 2
    assert icon.as_dataset(result.path, "own", which="dropped")["instruction"][:] == ["one", "three"]


def test_what_is_left_out_is_said_with_its_reason(run_on):
    rows = [*ROWS, {"instruction": "five", "output": "eeee " * 9, "tools": [{"name": "look", "parameters": {}}]}]
    result = run_on(rows, ignore=["when"])
    with pytest.warns(UserWarning, match=r"1 record left out, as of row 4: .*tools"):
        found = icon.as_dataset(result)
    assert len(found) == 1


def test_an_unknown_format_is_refused_with_those_there_are(run_on):
    result = run_on(ROWS, ignore=["when"])
    with pytest.raises(icon.ConfigError, match=r"to: found 'chatml'; valid: trl, trl-prompt-completion, trl-text, own"):
        icon.as_dataset(result, "chatml")
    with pytest.raises(icon.ConfigError, match="which: found 'best'; valid: selected, dropped, all"):
        icon.as_dataset(result, which="best")
