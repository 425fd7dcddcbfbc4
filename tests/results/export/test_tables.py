"""Parquet and saved data sets open in their own readers, and their card says how the records were chosen."""

import json
from pathlib import Path

import datasets
import pandas
import pytest
import yaml

import icon
from icon.errors import ConfigError, InputError
from icon.runs.validation import ValidationStore
from icon.testing import FakeBackend
from support.opened import Opened


def front_matter(folder):
    text = (Path(folder) / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    return yaml.safe_load(front), body


def records_of(alpaca, *rows):
    return [{"note": None, **alpaca[row]} for row in rows]


def test_parquet_opens_in_pandas_and_datasets_with_the_users_columns(make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "parquet", tmp_path / "out", which="all")
    table = pandas.read_parquet(done["files"][0])
    assert set(table.columns) == {"instruction", "input", "output", "note"}
    assert list(table["output"]) == [record["output"] for record in alpaca]
    found = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert found.to_list() == records_of(alpaca, 0, 1, 2, 3)


def test_a_saved_data_set_opens_with_load_from_disk(make_run, alpaca, tmp_path):
    icon.export(make_run(alpaca), "datasets", tmp_path / "out")
    found = datasets.load_from_disk(str(tmp_path / "out"))
    assert found["output"][:] == [alpaca[1]["output"], alpaca[3]["output"]]
    assert (tmp_path / "out" / "README.md").exists()


def test_the_card_tells_how_the_records_were_chosen(make_run, alpaca, tmp_path):
    from huggingface_hub import DatasetCard

    run = make_run(alpaca, scorer="icon", baselines=("length",), seed=7, backend=FakeBackend())
    icon.export(run, "parquet", tmp_path / "out")
    front, body = front_matter(tmp_path / "out")
    assert "license" not in front  # nobody but the user can say it
    assert front["configs"][0]["data_files"][0]["path"] == "data/train-00000-of-00001.parquet"
    assert DatasetCard.load(tmp_path / "out" / "README.md").data.size_categories == ["n<1K"]
    manifest = json.loads((run.path / "run.json").read_text())
    for told in (
        "selector top, keep 2: 2 records kept, 2 dropped",
        manifest["inputs"]["pool"]["digest"][:16],
        manifest["stages"]["assess"]["digest"][:16],
        manifest["model"]["digest"][:16],
        f"icon-select {icon.__version__}",
        "1 sample in no task groups, tasks.jsonl",
        "| seed | 7 |",
        "| reliability | too few candidates or assessment samples to say",
        "| against length |",
        "icon run pool.jsonl --config icon-settings.json",
        "states that\nlicence here",
    ):
        assert told in body.replace("\\_", "_"), told


def test_the_settings_replay_the_run_and_name_no_folder_of_this_machine(make_run, alpaca, tmp_path):
    icon.export(make_run(alpaca), "parquet", tmp_path / "out")
    written = (tmp_path / "out" / "icon-settings.json").read_text() + (tmp_path / "out" / "README.md").read_text()
    assert str(tmp_path) not in written
    settings = json.loads((tmp_path / "out" / "icon-settings.json").read_text())
    assert settings["pool"] == "pool.jsonl"
    assert settings["assessment_options"] == {"path": "tasks.jsonl"}
    assert icon.RunConfig.model_validate(settings).keep == "2"


@pytest.mark.parametrize(
    ("scorer", "said"),
    [("icon", "with icon (in-context contribution, arXiv 2505.05327)"), ("ppl", "with icon (by the scorer ppl)")],
)
def test_the_card_names_the_score_of_the_run(make_run, alpaca, tmp_path, scorer, said):
    icon.export(make_run(alpaca, scorer=scorer, backend=FakeBackend()), "parquet", tmp_path / "out")
    assert said in front_matter(tmp_path / "out")[1]


def test_a_later_selection_is_what_the_card_tells(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    Opened.at(run.path).select(keep="1")
    icon.export(run, "parquet", tmp_path / "out")
    _, body = front_matter(tmp_path / "out")
    assert "keep 1: 1 records kept, 3 dropped" in body
    assert "icon select RUN --keep 1 --selector top" in body
    assert "--equal-length" not in body


def test_a_later_selection_at_equal_length_is_repeated_by_the_card(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    Opened.at(run.path).select(equal_length="strata")
    icon.export(run, "parquet", tmp_path / "out")
    assert "icon select RUN --keep 2 --selector top --equal-length strata" in front_matter(tmp_path / "out")[1]


def test_names_from_data_are_no_markup_in_the_card(make_run, alpaca, tmp_path):
    pool = tmp_path / "a|b <img src=x> [c](d).jsonl"
    pool.write_text("".join(json.dumps(record) + "\n" for record in alpaca))
    icon.export(make_run(pool), "parquet", tmp_path / "out")
    _, body = front_matter(tmp_path / "out")
    line = next(line for line in body.splitlines() if line.startswith("| pool |"))
    assert r"a\|b \<img src=x\> \[c\](d).jsonl" in line


def test_values_without_a_common_type_are_refused_by_field(make_run, alpaca, tmp_path):
    alpaca[1]["n"], alpaca[3]["n"] = 1, "one"
    with pytest.raises(InputError, match="field 'n'"):
        icon.export(make_run(alpaca), "parquet", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    place = tmp_path / "out"
    place.mkdir()
    icon.export(run, "datasets", place)  # an empty one is no loss
    with pytest.raises(ConfigError, match="--force"):
        icon.export(run, "parquet", place)
    (place / "mine.txt").write_text("mine")
    icon.export(run, "datasets", place, which="dropped", force=True)
    assert datasets.load_from_disk(str(place))["output"][:] == ["a", "c"]
    assert (place / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("format", ["parquet", "datasets"])
def test_a_field_that_is_no_unicode_is_named_with_its_row(make_run, format, tmp_path):
    pool = tmp_path / "pool.jsonl"  # a JSON escape that stands for half of a pair
    pool.write_text(
        '{"instruction": "one", "output": "aaaa"}\n{"instruction": "two", "output": "bbb", "note": "\\ud800"}\n'
    )
    with pytest.raises(InputError, match="field 'note': its value in row 1 holds half of a surrogate pair"):
        icon.export(make_run(pool), format)


def test_a_number_beyond_64_bits_is_named_with_its_row(make_run):
    records = [{"instruction": str(n), "output": "a" * n, "size": 10**30 if n == 2 else n} for n in (1, 2)]
    with pytest.raises(InputError, match="field 'size': its value in row 1 is a number beyond 64 bits"):
        icon.export(make_run(records), "parquet")


def test_the_folder_one_stands_in_is_a_place_like_any(make_run, alpaca, tmp_path, monkeypatch):
    run = make_run(alpaca)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    icon.export(run, "parquet", out=".")
    assert list((tmp_path / "here").rglob("*.parquet"))


def test_the_card_says_whether_the_selection_was_validated(make_run, alpaca, tmp_path):
    run = make_run(alpaca)
    icon.export(run, "parquet", tmp_path / "no")
    card = (tmp_path / "no" / "README.md").read_text()
    assert "| validated | no: whether it teaches more than a random draw was not measured" in card
    assert "was not validated: compare it with" in card
    verdict = ValidationStore(run.path).verdict_path
    verdict.parent.mkdir()
    verdict.write_text("{")
    icon.export(run, "parquet", tmp_path / "broken")
    card = (tmp_path / "broken" / "README.md").read_text()
    assert "| validated | no (its verdict cannot be read) |" in card
    assert str(tmp_path) not in card
