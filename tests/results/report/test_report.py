"""The report of a run directory, with the fake backend: from the pool, or from the run's own files."""

import base64
import gzip
import json
import os
import re
import stat
from pathlib import Path

import pytest

import icon
from icon.errors import ConfigError, RunError
from icon.plugins import Section, hookimpl
from icon.results import report
from icon.runs.files import TokenDetail, write_details
from icon.runs.scores import read_scores


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


@pytest.fixture
def pool(tmp_path):
    rows = [{"instruction": f"question number {i}", "input": "", "output": f"answer {i} of {i * 7}"} for i in range(12)]
    return write(tmp_path / "pool.jsonl", [*rows, rows[3], {"instruction": "x"}])


@pytest.fixture
def tasks(tmp_path):
    rows = [{"instruction": f"task {i} alpha", "output": f"done {i}", "group": "ab"[i % 2]} for i in range(6)]
    return write(tmp_path / "tasks.jsonl", rows)


def unpack(page, name):
    block = re.search(rf'id="{name}">([^<]*)<', page.read_text())[1]
    return json.loads(gzip.decompress(base64.b64decode(block)))


def whole_rows(page):
    """Every row of the page with its whole text, by row number."""
    columns, texts = unpack(page, "columns"), unpack(page, "texts-0")
    return {row: {**told, "id": id_} for row, id_, told in zip(columns["row"], columns["id"], texts, strict=True)}


def test_every_row_is_in_the_page_with_its_text_and_decision(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", keep="3", on_bad_row="skip")
    page = report.report(session.run, session.pool)
    assert page == tmp_path / "run/report.html"
    found = whole_rows(page)
    assert sorted(found) == list(range(14))
    assert (found[5]["m"], found[5]["r"]) == ([["user", "question number 5"]], "answer 5 of 35")
    assert found[12]["r"] == found[3]["r"]  # the duplicate shows the text of its first row
    assert "r" not in found[13]
    decisions = {row.row: row.decision for row in read_scores(session.directory.scores)}
    assert {row: each["d"] for row, each in found.items()} == decisions


def test_each_row_names_the_file_and_the_line_that_hold_it(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", keep="3", on_bad_row="skip")
    found = whole_rows(report.report(session.run, session.pool))
    lines = {name: (tmp_path / "run" / name).read_text().splitlines() for name in ("selected.jsonl", "dropped.jsonl")}
    for row in range(12):
        record = json.loads(lines[found[row]["f"]][found[row]["n"] - 1])
        assert record["instruction"] == f"question number {row}"


def test_the_same_run_gives_the_same_page(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", on_bad_row="skip")
    one = report.report(session.run, session.pool, tmp_path / "one.html").read_bytes()
    assert one == icon.write_report(tmp_path / "run", tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_without_its_pool_the_texts_come_from_the_runs_own_files_and_the_page_says_so(
    start, pool, tasks, tmp_path, change
):
    opened = start(pool, tasks, tmp_path / "run", keep="3", on_bad_row="skip")
    before = whole_rows(report.report(opened.run, opened.pool))
    if change == "gone":
        Path(pool).unlink()
    else:
        Path(pool).write_text('{"instruction": "other", "output": "pool"}\n')
    page = icon.write_report(tmp_path / "run")
    assert whole_rows(page) == before
    assert "texts are from selected.jsonl and dropped.jsonl" in page.read_text()


def test_without_pool_and_outputs_there_is_a_page_without_texts(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", on_bad_row="skip")
    for path in (Path(pool), tmp_path / "run/selected.jsonl", tmp_path / "run/dropped.jsonl"):
        path.unlink()
    page = icon.write_report(tmp_path / "run")
    assert all("r" not in row for row in whole_rows(page).values())
    assert "The pool cannot be read" in page.read_text()


def test_nothing_of_the_run_is_changed_but_the_page_and_its_texts(start, contents, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", on_bad_row="skip")
    before = contents(tmp_path / "run")
    times = json.loads((tmp_path / "run/run.json").read_text())["times"]
    icon.write_report(tmp_path / "run")
    assert contents(tmp_path / "run") == before
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    assert (manifest["times"], "report.html" in manifest["files"]) == (times, True)


def test_a_run_that_has_not_selected_is_refused(prepare, pool, tasks, tmp_path):
    prepare(pool, tasks, tmp_path / "run", on_bad_row="skip").run.save()
    with pytest.raises(RunError, match=r"nothing is selected yet\. To go on: icon run"):
        icon.write_report(tmp_path / "run")
    with pytest.raises(RunError, match=r"run\.json"):
        icon.write_report(tmp_path / "nowhere")


def test_token_details_are_in_the_page_with_their_task(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", on_bad_row="skip")
    first = read_scores(session.directory.scores)[0]
    task = json.loads((tmp_path / "run/assessment.jsonl").read_text().splitlines()[0])
    details = [TokenDetail(first.id, task["id"], ("done", " 0"), (-1.0, -2.0), (-1.5, -1.0))]
    write_details(session.directory.explained, details)
    found = unpack(report.report(session.run, session.pool), "details")["by_candidate"][first.id][0]
    assert found["pieces"] == ["done", " 0"]
    assert (found["given"], found["control"]) == ([-1, -2], [-1.5, -1])
    assert found["task"] == task["messages"][0]["content"]
    assert found["group"] == task["group"]


class Adds:
    @hookimpl
    def icon_report_sections(self, run):
        title = f"{len(run.rows)} rows of {run.path.name}"
        return [Section(title, ["<b>plain</b>"], ["scorer"], [[run.results["scorer"]]])]


class Raises:
    @hookimpl
    def icon_report_sections(self, run):
        raise RuntimeError("no section today")


class Confused:
    @hookimpl
    def icon_report_sections(self, run):
        return [Section("table", columns=["a", "b"], rows=[[1]])]


def test_plugins_add_sections_and_one_that_fails_is_a_warning_in_the_page(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", Adds(), Raises(), Confused(), on_bad_row="skip")
    text = report.report(session.run, session.pool).read_text()
    assert "14 rows of run" in text
    assert "&lt;b&gt;plain&lt;/b&gt;" in text
    assert "<b>plain</b>" not in text
    assert "icon_report_sections raised RuntimeError: no section today" in text
    assert "1 cells; valid: 2, one per column" in text
    told = session.plugins.warnings
    assert any("no section today" in each for each in told)


def test_the_page_takes_the_place_of_no_pipe_and_no_folder(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", keep="3", on_bad_row="skip")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="pipe: is a pipe or device; valid: a file"):
        report.report(session.run, session.pool, pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(ConfigError, match="is a folder"):
        report.report(session.run, session.pool, tmp_path)


def test_what_a_reader_should_know_is_given_back(start, command_line, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", keep="3", on_bad_row="skip")
    Path(pool).unlink()
    (tmp_path / "run/explained.jsonl").write_text("broken\n")
    done = command_line("report", "run", "--json", code=0)
    first, second = json.loads(done.stdout)["notes"]
    assert first.startswith("the pool cannot be read as the run read it")
    assert second.startswith("tokens are not shown")
    assert done.stderr.count("warning:") == 2
