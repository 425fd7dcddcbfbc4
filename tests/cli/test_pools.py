"""Pools on the command line: several files, globs, standard input; what came of each source is in the run."""

from __future__ import annotations

import json
import shutil

import pytest

import icon
from icon.config import resolve
from icon.runs.directory import default_path
from icon.runs.given import given_path

QUICK = ("--scorer", "length", "--selector", "top", "--assessment", "tasks.jsonl", "--no-report")
RECORDS = [
    {"instruction": f"Say {word}.", "output": " ".join([word] * 4**n)} for n, word in enumerate(["a", "b", "c", "d"])
]


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def run(command_line, tmp_path):
    """Runs with two files, a.jsonl with one record and b.jsonl with three, and tasks."""
    (tmp_path / "a.jsonl").write_text(lines(RECORDS[:1]))
    (tmp_path / "b.jsonl").write_text(lines(RECORDS[1:]))
    (tmp_path / "tasks.jsonl").write_text(lines([{"instruction": "A task apart", "output": "done apart"}]))

    def started(*arguments, command="run", **more):
        return command_line(command, *arguments, *QUICK, cwd=tmp_path, **more)

    return started


@pytest.mark.parametrize("pools", [("a.jsonl", "b.jsonl"), ("--config", "two.toml")], ids=["words", "file"])
def test_several_pools_are_one_and_each_has_its_facts(run, tmp_path, pools):
    (tmp_path / "two.toml").write_text('pool = ["a.jsonl", "b.jsonl"]\n')
    run(*pools, "--keep", "2", "--out", "r", code=0)
    assert (tmp_path / "r" / "selected.jsonl").read_text() == lines(RECORDS[2:])
    result = icon.load_run(tmp_path / "r")
    facts = {one.pop("source"): one for one in result.summary["sources"]}
    assert facts["a.jsonl"] == {"rows": 1, "candidates": 1, "scored": 1, "selected": 0, "mean_score": 1}
    assert facts["b.jsonl"] == {
        "rows": 3,
        "candidates": 3,
        "scored": 3,
        "selected": 2,
        "mean_score": (7 + 31 + 127) / 3,
    }
    assert list(result.scores()["source"]) == ["a.jsonl", *["b.jsonl"] * 3]


@pytest.mark.parametrize("pool", ["shards", "shards/*.jsonl"])
def test_files_of_a_folder_or_glob_have_the_lines_of_files_that_are_named_one_by_one(run, command_line, tmp_path, pool):
    (tmp_path / "shards").mkdir()
    for n, record in enumerate(RECORDS):
        (tmp_path / f"shards/{n}.jsonl").write_text(lines([record]))
    said = []
    for name, words in (("one", [pool]), ("each", [f"shards/{n}.jsonl" for n in range(4)])):
        done = run(*words, "--keep", "2", "--out", name, code=0, columns=300)
        said.append(next(line for line in done.stdout.splitlines() if line.startswith("by source")))
    assert said[0] == said[1]
    assert "shards/0.jsonl: 0 of 1 (0%); shards/1.jsonl: 0 of 1 (0%); shards/2.jsonl: 1 of 1 (100%)" in said[0]
    again = icon.load_run(tmp_path / "one")
    assert list(again.scores()["source"]) == [f"shards/{n}.jsonl" for n in range(4)]


def test_of_many_sources_those_with_the_most_selected_are_shown_and_the_others_counted(run, tmp_path):
    (tmp_path / "many").mkdir()
    for n in range(12):
        text = lines([{"instruction": f"Say {n}, {m}.", "output": "x " * (1 + n + 20 * m)} for m in range(2)])
        (tmp_path / f"many/{n:02}.jsonl").write_text(text)
    done = run("many", "--keep", "4", "--out", "r", code=0, columns=400)
    said = next(line for line in done.stdout.splitlines() if line.startswith("by source")).removeprefix("by source")
    parts = said.strip().split("; ")
    assert [part.partition(":")[0] for part in parts] == [
        *(f"many/{n:02}.jsonl" for n in (0, 1, 2, 3, 8, 9, 10, 11)),
        "4 more",
    ]
    assert parts[-2:] == ["many/11.jsonl: 1 of 2 (50%)", "4 more: 0 of 8 (0%)"]


def test_card_and_page_name_every_pool(run, command_line, tmp_path):
    run("a.jsonl", "b.jsonl", "--keep", "2", "--out", "r", code=0)
    command_line("export", "r", "--to", "datasets", "--out", "card", cwd=tmp_path, code=0)
    card = (tmp_path / "card" / "README.md").read_text()
    assert "icon run a.jsonl b.jsonl --config" in card
    assert "a.jsonl, b.jsonl, 4 records" in card
    command_line("report", "r", cwd=tmp_path, code=0)
    assert "Pool a.jsonl and 1 other: 4 rows" in (tmp_path / "r" / "report.html").read_text()


def test_one_pool_has_no_sources(run, tmp_path):
    run("b.jsonl", "--out", "r", code=0)
    result = icon.load_run(tmp_path / "r")
    assert "sources" not in result.summary
    assert "source" not in result.scores().columns


def test_another_file_among_the_pools_is_another_pool(run, tmp_path):
    run("a.jsonl", "b.jsonl", "--out", "r", code=0)
    (tmp_path / "b.jsonl").write_text(lines(RECORDS[2:]))
    refused = run("a.jsonl", "b.jsonl", "--out", "r", code=2)
    assert "pool" in refused.stderr
    assert "digest" in refused.stderr


def test_records_on_standard_input_are_kept_so_that_the_run_goes_on_in_another_place(run, command_line, tmp_path):
    run("-", "--keep", "2", "--out", "r", code=0, stdin=lines(RECORDS))
    assert (tmp_path / "r" / "given_pool.jsonl").read_text() == lines(RECORDS)
    shutil.move(tmp_path / "r", tmp_path / "moved")
    command_line("select", "moved", "--keep", "1", cwd=tmp_path, code=0)
    assert (tmp_path / "moved" / "selected.jsonl").read_text() == lines(RECORDS[3:])
    command_line("export", "moved", "--to", "own", cwd=tmp_path, code=0)
    assert (tmp_path / "moved" / "export" / "moved.jsonl").read_text() == lines(RECORDS[3:])


def test_the_same_records_find_their_run_again_and_others_begin_another(run, tmp_path):
    for records in (RECORDS, RECORDS, RECORDS[1:]):
        run("-", code=0, stdin=lines(records))
    assert sorted(given_path(path).read_text() for path in (tmp_path / "icon-runs").iterdir()) == sorted(
        map(lines, (RECORDS, RECORDS[1:]))
    )


def test_a_run_goes_on_without_its_standard_input_but_not_with_other_records(run, tmp_path):
    run("-", "--out", "r", code=0, stdin=lines(RECORDS))
    run("-", "--out", "r", code=0)
    refused = run("-", "--out", "r", code=2, stdin=lines(RECORDS[1:]))
    assert "other records came on standard input than those that r was begun with" in refused.stderr
    assert (tmp_path / "r" / "given_pool.jsonl").read_text() == lines(RECORDS)


def test_nothing_on_standard_input_says_what_to_type_and_leaves_no_folder(run, tmp_path):
    refused = run("-", "--out", "r", code=2)
    assert "zcat pool.jsonl.gz | icon run -" in refused.stderr
    assert not (tmp_path / "r").exists()
    assert "standard input alone" in run("-", "a.jsonl", code=2).stderr


def test_a_bad_row_of_standard_input_is_named_as_such_and_leaves_no_folder(run, tmp_path):
    refused = run("-", "--out", "r", code=2, stdin=lines([{"instruction": "q", "output": ""}]))
    assert "error: standard input: 1 bad row\n  line 1 (row 0), field 'output'" in refused.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("text", [json.dumps(RECORDS), "instruction,output\nSay a.,a\n"], ids=["array", "CSV"])
def test_the_kind_of_standard_input_is_seen_from_its_beginning(run, tmp_path, text):
    run("-", "--out", "r", code=0, stdin=text)
    assert (tmp_path / "r" / "selected.jsonl").stat().st_size


def test_a_plan_reads_standard_input_and_writes_nothing(run, tmp_path):
    done = run("-", command="plan", code=0, stdin=lines(RECORDS))
    assert "4 rows, 4 candidates" in done.stdout
    assert not (tmp_path / "icon-runs").exists()


def test_settings_that_earlier_versions_lack_do_not_change_the_default_run_directory():
    """The name is that of version 0.1 before them; with one of them it is another."""
    settings = {"pool": "a.jsonl", "keep": "20%", "scorer": "icon"}
    assert str(default_path(resolve(settings))) == "icon-runs/a-4a6596a8"
    assert default_path(resolve({**settings, "preference": "rejected"})).name != "a-4a6596a8"


NEAR = {"instruction": "Say b!", "output": "b b b b"}


def test_near_duplicates_are_counted_by_default_left_out_on_request_and_else_ignored(run, command_line, tmp_path):
    (tmp_path / "b.jsonl").write_text(lines([*RECORDS, NEAR]))
    said = run("b.jsonl", "--out", "r", code=0)
    assert "1 of 5 candidates nearly repeats an earlier one (row 4 that of row 1, similarity 1.00): kept" in said.stdout
    assert "--near-duplicates drop" in said.stdout
    said = run("b.jsonl", "--out", "dropped", "--near-duplicates", "drop", "--keep", "100%", code=0)
    assert (tmp_path / "dropped" / "selected.jsonl").read_text() == lines(RECORDS)
    rows = {row.row: row for row in icon.load_run(tmp_path / "dropped").rows}
    assert (rows[4].status, rows[4].decision) == ("near_duplicate", "dropped: near duplicate (1.00) of row 1")
    assert "nearly" not in run("b.jsonl", "--out", "i", "--near-duplicates", "ignore", code=0).stdout


def test_a_plan_and_a_refusal_name_all_of_the_pool(run, command_line, tmp_path):
    planned = command_line("plan", "a.jsonl", "b.jsonl", *QUICK[:-1], "--json", cwd=tmp_path, code=0)
    assert json.loads(planned.stdout)["pool"] == "a.jsonl and 1 more"
    (tmp_path / "tasks.jsonl").write_text(lines(RECORDS))
    refused = run("a.jsonl", "b.jsonl", code=2)
    assert "all 4 candidates of a.jsonl and 1 more are in it as well" in refused.stderr
