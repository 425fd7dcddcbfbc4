"""A mistyped name of a file, field or part is one sentence, which says the name that is near."""

from __future__ import annotations

import json

import pytest

from icon.errors import BadRowsError, ConfigError, InputError
from icon.samples.load import load_samples

RECORDS = [{"instruction": f"Say {n}", "output": "a " * n, "context": "None.", "from": "web"} for n in range(1, 6)]
USUAL = {"prompt": "instruction", "response": "output"}


@pytest.fixture
def pool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return "pool.jsonl"


@pytest.mark.parametrize(
    ("given", "option", "meant"),
    [
        ({"columns": {**USUAL, "prompt": "instrution"}}, "--column prompt=instrution", "instruction"),
        ({"columns": {**USUAL, "response": "outptu"}}, "--column response=outptu", "output"),
        ({"columns": {**USUAL, "group": "fron"}}, "--column group=fron", "from"),
        ({"group_field": "contex"}, "--group-field contex", "context"),
        ({"source_field": "form"}, "--source-field form", "from"),
    ],
)
@pytest.mark.parametrize("on_bad_row", ["error", "skip"])
def test_a_field_that_no_record_has_is_one_fault_and_not_one_of_each_row(pool, given, option, meant, on_bad_row):
    with pytest.raises(InputError) as caught:
        load_samples(pool, on_bad_row=on_bad_row, **given)
    field = option.split("=")[-1].split()[-1]
    assert str(caught.value) == (
        f"{option}: no record of pool.jsonl has the field {field!r}; valid: one of its fields (instruction, output, "
        f"context, from). Did you mean {meant}?"
    )


def test_a_passage_or_system_prompt_that_no_record_has_is_noted_and_the_rows_are_read(pool):
    loaded = load_samples(pool, columns={**USUAL, "input": "contxt"})
    assert len(loaded.samples) == 5
    (note,) = loaded.notes
    assert note.startswith("--column input=contxt: no record of pool.jsonl has the field 'contxt'")
    assert note.endswith("Did you mean context?")
    assert load_samples(pool, columns={**USUAL, "input": "context"}).notes == []


def test_a_field_that_some_records_have_is_a_fault_of_the_others(pool, tmp_path):
    with (tmp_path / pool).open("a") as file:
        file.write('{"instruction": "Say it", "text": "it"}\n')
    with pytest.raises(BadRowsError, match="5 bad rows"):
        load_samples(pool, columns={"prompt": "instruction", "response": "text"})


def test_a_record_without_the_field_of_sources_is_refused_in_words_of_its_own(pool, tmp_path):
    with (tmp_path / pool).open("a") as file:
        file.write('{"instruction": "Say it", "output": "it"}\n')
    with pytest.raises(BadRowsError, match="field 'from': found no such field; valid: the name of a source, or null"):
        load_samples(pool, source_field="from")


def test_a_part_that_is_none_names_the_option_and_the_near_part(pool):
    with pytest.raises(ConfigError, match=r"--column promt=q: found the part 'promt'; .*\. Did you mean prompt\?"):
        load_samples(pool, columns={"promt": "q", "response": "a"})


@pytest.mark.parametrize("name", ["pool.jsnl", "pol.jsonl", "./pool.jsonn", "pool.JSONL.gz"])
def test_a_mistyped_file_is_not_taken_for_a_name_of_the_hub(pool, name):
    with pytest.raises(InputError) as caught:
        load_samples(name)
    assert str(caught.value) == f"{name}: no such file or folder. Did you mean pool.jsonl?"


def test_a_name_of_the_hub_stays_one_beside_a_file_of_a_like_name(pool, monkeypatch):
    from icon.samples.addresses import pieces_of

    for name in ("pool", "owner/pool.jsnl", "gsm8k"):
        (piece,) = pieces_of(name)
        assert not piece.is_file


def test_without_a_near_file_the_kinds_of_files_are_listed(pool):
    with pytest.raises(InputError, match=r"other\.csv: no such file or folder; valid: \.jsonl, \.ndjson"):
        load_samples("other.csv")
