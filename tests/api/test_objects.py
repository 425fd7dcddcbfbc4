"""Pools that are Python objects: the run keeps them as a file, and the same call goes on with it."""

import datetime
import json
import shutil

import datasets
import pandas
import pyarrow as pa
import pytest

import icon
from icon.testing import FakeBackend

ROWS = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words", "n": i} for i in range(12)]


@pytest.fixture
def tasks(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps({"instruction": f"task {i}", "output": f"done {i}"}) + "\n" for i in range(4)))
    return path


@pytest.fixture
def run_on(tmp_path, tasks):
    def run(pool, out="run", **settings):
        given = {"backend": FakeBackend(), "assessment": tasks, "keep": 0.25, "report": False, "selector": "top"}
        return icon.run(pool, out=tmp_path / out, progress=False, **{**given, **settings})

    return run


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def as_file(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


class OtherTable:
    """A table of another library, as Arrow sees it."""

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.Table.from_pylist(ROWS).__arrow_c_stream__(requested_schema)


OBJECTS = {
    "list": lambda: [dict(row) for row in ROWS],
    "iterator": lambda: iter([dict(row) for row in ROWS]),
    "Dataset": lambda: datasets.Dataset.from_list(ROWS),
    "selected Dataset": lambda: datasets.Dataset.from_list([*ROWS, *ROWS]).select(range(12)),
    "DatasetDict": lambda: datasets.DatasetDict(train=datasets.Dataset.from_list(ROWS)),
    "DataFrame": lambda: pandas.DataFrame(ROWS),
    "Arrow table": lambda: pa.Table.from_pylist(ROWS),
    "another table": OtherTable,
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_object_has_the_choice_of_a_file_with_its_records(run_on, tmp_path, kind):
    of_file = run_on(as_file(tmp_path), "of-file")
    of_object = run_on(OBJECTS[kind](), "of-object")
    assert [(row.id, row.score, row.selected) for row in of_object.rows] == [
        (row.id, row.score, row.selected) for row in of_file.rows
    ]
    assert lines(of_object.path / "selected.jsonl") == lines(of_file.path / "selected.jsonl")
    assert len(lines(of_object.path / "selected.jsonl")) == 3


@pytest.mark.parametrize("kind", OBJECTS)
def test_the_same_call_goes_on_with_its_run(run_on, kind):
    class Refusing(FakeBackend):
        def score(self, context, targets):
            raise AssertionError("it is measured already")

    first = run_on(OBJECTS[kind]())
    again = run_on(OBJECTS[kind](), backend=Refusing())
    assert again.rows == first.rows


def test_a_refused_table_of_mixed_types_is_taken_as_the_message_says(run_on):
    pool = pandas.DataFrame({**pandas.DataFrame(ROWS), "mixed": [1, "x"] * 6, "none": [1.5, None] * 6})
    with pytest.raises(icon.InputError, match=r"or records: pool\.astype\(object\)\.where") as refused:
        run_on(pool)
    records = pool.astype(object).where(pool.notna(), None).to_dict("records")
    assert "pool.astype(object).where(pool.notna(), None).to_dict('records')" in str(refused.value)
    assert run_on(records, ignore=["mixed", "none"]).summary["candidates"] == 12


def test_a_changed_object_is_refused_and_the_run_stays(run_on):
    first = run_on(ROWS)
    changed = [*ROWS[:5], {**ROWS[5], "output": "another answer"}, *ROWS[6:]]
    with pytest.raises(icon.InputError, match="row 5 is the first that differs"):
        run_on(changed)
    with pytest.raises(icon.InputError, match=r"10 instead of 12, and row 10 is the first"):
        run_on(ROWS[:10])
    assert run_on(ROWS).rows == first.rows


def test_an_object_of_another_kind_is_refused(run_on):
    run_on(ROWS)
    with pytest.raises(icon.ConfigError, match=r"pool: .*<list>.* -> .*<DataFrame>"):
        run_on(pandas.DataFrame(ROWS))


def test_the_same_records_in_other_bytes_are_the_same_pool(run_on, monkeypatch):
    first = run_on(pandas.DataFrame(ROWS))
    before = (first.path / "given_pool.parquet").read_bytes()
    monkeypatch.setattr("icon.api._given.BATCH", 5)  # smaller row groups, as another version of Arrow may write
    assert run_on(pandas.DataFrame(ROWS)).rows == first.rows
    assert (first.path / "given_pool.parquet").read_bytes() == before


def test_a_copy_that_was_edited_is_refused(run_on):
    first = run_on(ROWS)
    copy = first.path / "given_pool.jsonl"
    copy.write_bytes(copy.read_bytes().replace(b"answer 5", b"answer 6"))
    with pytest.raises(icon.InputError, match="row 5 is the first that differs"):
        run_on(ROWS)


def test_a_copy_that_was_lost_is_written_again(run_on):
    first = run_on(ROWS)
    (first.path / "given_pool.jsonl").unlink()
    with pytest.raises(icon.InputError, match="has no given_pool any more"):
        icon.explain(first, "row:3", tokens=False)
    assert run_on(ROWS).rows == first.rows
    assert (first.path / "given_pool.jsonl").is_file()


def test_a_run_that_was_moved_goes_on_and_exports_its_records(run_on, tmp_path):
    first = run_on(pandas.DataFrame(ROWS))
    rows = first.rows
    shutil.move(first.path, tmp_path / "elsewhere")
    again = run_on(pandas.DataFrame(ROWS), "elsewhere")
    assert again.rows == rows
    done = again.export("parquet")
    assert pandas.read_parquet(done["files"][0]).to_dict("records") == [ROWS[row.row] for row in rows if row.selected]


def test_records_of_a_list_come_back_as_they_were(run_on):
    rows = [{**row, "more": {"é": [1, 2.5, None, True]}, "late": "2026-01-02"} for row in ROWS]
    found = run_on(rows, ignore=["more", "late"])
    assert lines(found.path / "selected.jsonl") == [rows[row.row] for row in found.rows if row.selected]


def test_types_of_tables_come_back(run_on):
    day = datetime.date(2026, 1, 2)
    kinds = datasets.ClassLabel(names=["easy", "hard"])
    frame = pandas.DataFrame([{**row, "day": day, "kind": pandas.Categorical(["a"])[0]} for row in ROWS])
    found = run_on(frame, "of-frame", ignore=["day", "kind"])
    done = found.export("parquet")
    assert set(pandas.read_parquet(done["files"][0])["day"]) == {day}
    table = datasets.Dataset.from_list([{**row, "kind": row["n"] % 2} for row in ROWS]).cast_column("kind", kinds)
    found = run_on(table, "of-data-set", ignore=["kind"])
    back = datasets.load_from_disk(found.export("datasets")["files"][0])
    assert back.features == table.features
    assert back["n"][:] == [row.row for row in found.rows if row.selected]


def test_an_index_that_is_not_kept_is_said(run_on):
    frame = pandas.DataFrame(ROWS, index=[f"name {n}" for n in range(12)])
    with pytest.warns(UserWarning, match=r"index of the DataFrame is not kept; pool\.reset_index\(\)"):
        run_on(frame)


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (7, r"pool: found an int; valid: a file, folder or hub name; a datasets\.Dataset"),
        ({"instruction": ["a"]}, "pool: found a dict; valid"),
        ([ROWS[0], "text"], "pool: record 1: found a str; valid: a dict"),
        ([{"instruction": "q", "output": {"a", "b"}}], "pool: record 0, field 'output': found a set; valid: text"),
        ([{"instruction": "q", "output": "a", "x": [float("nan")]}], "field 'x': found nan; valid: text, finite"),
        ([{"instruction": "q", "output": "a", "at": datetime.date(2026, 1, 2)}], "field 'at': found a date; valid"),
        ([{"instruction": "q", "output": "a", 3: "b"}], "record 0: found the name 3; valid: names of fields"),
        ([{"instruction": "q", "output": "a", "x": {3: "b"}}], "field 'x': found the name 3; valid"),
        (pandas.DataFrame({3: ["q"], "output": ["a"]}), "found the column 3; valid: columns whose names are texts"),
        (pandas.DataFrame({"instruction": ["q", 3], "output": "a"}), "no type in common.*to_dict"),
        (pandas.DataFrame([["q", "a", "b"]], columns=["instruction", "output", "output"]), "several columns.*'output'"),
        (pa.table([["q"], ["a"], ["b"]], names=["instruction", "output", "output"]), "several columns.*'output'"),
        (pandas.Series(["q"]), "pool: found a Series, which is no table .*valid: a file"),
        (datasets.DatasetDict(test=datasets.Dataset.from_list(ROWS)), "has no split 'train'; valid: test"),
        ([], "has no records"),
        ([{"instruction": "q", "output": "a"}, {"instruction": "q"}], "pool: 1 bad row"),
    ],
)
def test_what_is_no_pool_is_refused_with_what_is_valid_and_leaves_no_folder(run_on, tmp_path, pool, message):
    with pytest.raises(icon.InputError, match=message):
        run_on(pool)
    assert not (tmp_path / "run").exists()


def test_numbers_of_numpy_and_tuples_become_plain_ones(run_on):
    import numpy

    rows = [{**row, "x": (numpy.int64(3), numpy.float32(0.5)), "ok": numpy.bool_(True)} for row in ROWS]
    found = run_on(rows, ignore=["x", "ok"])
    assert {(tuple(row["x"]), row["ok"]) for row in lines(found.path / "selected.jsonl")} == {((3, 0.5), True)}


def test_a_plan_and_samples_of_an_object_leave_nothing_behind(tmp_path, tasks, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert icon.plan(ROWS, scorer="length", baselines=(), assessment=tasks)["candidates"] == 12
    assert [sample.instruction for sample in icon.load_samples(pandas.DataFrame(ROWS))] == [
        row["instruction"] for row in ROWS
    ]
    assert sorted(tmp_path.iterdir()) == before


def test_tasks_that_are_an_object_are_refused_with_what_to_do(run_on):
    with pytest.raises(icon.InputError, match=r"assessment: found a list; valid: a file.* write them to a file first"):
        run_on(ROWS, assessment=[{"instruction": "a task", "output": "done"}])


def test_the_command_line_goes_on_with_a_run_of_an_object_and_replays_it_elsewhere(run_on, command_line):
    found = run_on(ROWS, backend=None, scorer="length", baselines=())
    again = command_line("run", "--config", found.path / "run.json", "--out", found.path, "--json", code=0)
    assert json.loads(again.stdout)["selected"] == 3
    beside = command_line(
        "run", "--config", found.path / "run.json", "--keep", "5", "--out", "beside", "--json", code=0
    )
    assert json.loads(beside.stdout)["selected"] == 5
    assert "none of icon" not in command_line("doctor", found.path).stdout
