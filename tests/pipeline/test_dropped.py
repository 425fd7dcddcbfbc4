"""--dropped: what a run keeps of the records that it does not select, and what it still can do without them."""

import csv
import json

import pytest

import icon
from icon.errors import ConfigError, RunError
from icon.pipeline.doctor import examine, repair

POOL = [{"instruction": f"question {n}", "output": "word " * length} for n, length in enumerate([3, 9, 1, 7, 2])]


@pytest.fixture
def make_run(tmp_path):
    """Runs on the pool and keeps the two longest responses, those of rows 1 and 3."""
    pool, tasks = tmp_path / "pool.jsonl", tmp_path / "tasks.jsonl"
    pool.write_text("".join(json.dumps(record) + "\n" for record in POOL))
    tasks.write_text('{"instruction": "a task apart", "output": "done apart"}\n')

    def _make(name, **settings):
        given = {"scorer": "length", "baselines": (), "selector": "top", "keep": 2, "report": False, **settings}
        return icon.run(pool, assessment=tasks, out=tmp_path / name, **given)

    return _make


def lines(run, name):
    return [json.loads(line) for line in (run.path / name).read_text().splitlines()]


def test_rows_ids_and_reasons_are_kept_without_the_records(make_run):
    whole, ids = make_run("whole"), make_run("ids", dropped="ids")
    assert [set(line) for line in lines(whole, "dropped.jsonl")] == [{"instruction", "output", "icon"}] * 3
    assert lines(ids, "dropped.jsonl") == [{"icon": line["icon"]} for line in lines(whole, "dropped.jsonl")]
    for name in ("scores.parquet", "selected.jsonl"):
        assert (ids.path / name).read_bytes() == (whole.path / name).read_bytes()


def test_no_file_of_dropped_records_is_written(make_run):
    whole, none = make_run("whole"), make_run("none", dropped="none")
    assert not (none.path / "dropped.jsonl").exists()
    assert "dropped.jsonl" not in json.loads((none.path / "run.json").read_text())["files"]
    for name in ("scores.parquet", "selected.jsonl"):
        assert (none.path / name).read_bytes() == (whole.path / name).read_bytes()
    chosen = [json.loads((run.path / "run.json").read_text())["stages"]["select"] for run in (whole, none)]
    assert [stage["records_dropped"] for stage in chosen] == [3, 3]
    assert [stage.get("dropped") for stage in chosen] == [None, "none"]


@pytest.mark.parametrize("kept", ["ids", "none"])
def test_selecting_again_brings_them_back_and_takes_them_away(make_run, kept):
    run = make_run("run")
    before = (run.path / "dropped.jsonl").read_bytes()
    icon.select(run, dropped=kept)
    assert (
        not (run.path / "dropped.jsonl").exists()
        if kept == "none"
        else lines(run, "dropped.jsonl")[0].keys() == {"icon"}
    )
    icon.select(run, dropped="full")
    assert (run.path / "dropped.jsonl").read_bytes() == before


def test_the_same_command_with_another_value_goes_on_with_the_run(make_run):
    make_run("run")
    run = make_run("run", dropped="none")
    assert not (run.path / "dropped.jsonl").exists()


@pytest.mark.parametrize("kept", ["ids", "none"])
def test_selected_records_and_all_decisions_are_exported_and_dropped_records_refused(make_run, kept, tmp_path):
    run = make_run("run", dropped=kept)
    (tmp_path / "pool.jsonl").unlink()
    run.export("own", tmp_path / "own.jsonl")
    assert [json.loads(line) for line in (tmp_path / "own.jsonl").read_text().splitlines()] == [POOL[1], POOL[3]]
    said = run.export("csv", tmp_path / "all.csv")
    rows = list(csv.DictReader((tmp_path / "all.csv").open()))
    assert [row["row"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert [row["prompt"] for row in rows] == ["", "question 1", "", "question 3", ""]
    assert f"the run keeps none of them (dropped {kept})" in said["notes"][0]
    for which in ("dropped", "all"):
        with pytest.raises(ConfigError, match=rf"no dropped record \(dropped {kept}\).* --dropped full"):
            run.export("own", which=which)
    with pytest.raises(ConfigError, match="no dropped record"):
        icon.as_dataset(run, which="all")


def test_a_table_of_dropped_records_says_that_there_are_none(make_run):
    with pytest.raises(RunError, match=r"keeps no dropped records.* --dropped full"):
        make_run("run", dropped="none").dropped()


@pytest.mark.parametrize("kept", ["ids", "none"])
def test_the_page_says_that_dropped_rows_have_no_texts_where_the_pool_is_gone(make_run, kept, tmp_path):
    run = make_run("run", dropped=kept)
    icon.write_report(run)
    (tmp_path / "pool.jsonl").unlink()
    page = icon.write_report(run).read_text()
    assert f"the run keeps no such record (dropped {kept})" in page


@pytest.mark.parametrize("kept", ["ids", "none"])
def test_a_repair_makes_the_same_files_again(make_run, kept):
    run = make_run("run", dropped=kept)
    assert {finding.state for finding in examine(run.path).findings} == {"ok"}
    before = {path.name: path.read_bytes() for path in run.path.glob("*.jsonl")}
    for name in before.keys() - {"assessment.jsonl"}:
        (run.path / name).unlink()
    repair(run.path)
    assert {path.name: path.read_bytes() for path in run.path.glob("*.jsonl")} == before
