"""`icon report` on finished run directories: a page for people, JSON for programs, and clear refusals."""

import contextlib
import json
import shutil
from functools import partial

import pytest

import icon
from icon.testing import FakeBackend
from support.sealed import seal


@pytest.fixture
def report(command_line):
    """`icon report` on a wide terminal."""
    return partial(command_line, "report", columns=300)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a finished run named `one`, whose pool is named relative to the folder."""
    made = tmp_path_factory.mktemp("finished")
    rows = [{"instruction": f"question {i}", "output": f"answer {i} of {i * 7} words"} for i in range(10)]
    tasks = [{"instruction": f"task {i}", "output": f"done {i}"} for i in range(4)]
    for name, records in (("pool", rows), ("tasks", tasks)):
        (made / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    with contextlib.chdir(made):
        icon.run("pool.jsonl", backend=FakeBackend(), assessment="tasks.jsonl", out="one", keep=0.2)
    return made


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path, dirs_exist_ok=True)


def test_it_writes_the_page_and_says_where(report, folder):
    (folder / "one/report.html").unlink(missing_ok=True)
    done = report("one", code=0)
    assert done.stdout.splitlines()[0] == "one/report.html"
    assert (folder / "one/report.html").read_text().startswith("<!doctype html>")


def test_another_file_and_json(report, folder):
    done = report("one", "--out", "elsewhere/page.html", "--json", code=0)
    found = json.loads(done.stdout)
    page = folder / "elsewhere/page.html"
    assert found == {"run": "one", "report": "elsewhere/page.html", "bytes": page.stat().st_size, "notes": []}


def test_no_model_and_no_pool_are_needed(report, folder):
    (folder / "pool.jsonl").unlink()
    report("one", code=0)  # the backend `fake` is not even installed there


def test_a_folder_that_is_no_run_is_refused_in_words(report, folder):
    done = report("nowhere", code=2)
    assert "run.json" in done.stderr
    manifest = json.loads((folder / "one/run.json").read_text())
    del manifest["stages"]["select"]
    seal(folder / "one", stages=manifest["stages"])
    done = report("one", code=2)
    assert "the run is not done" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_table_is_reported_with_the_way_out(report, folder):
    table = folder / "one/scores.parquet"
    table.write_bytes(table.read_bytes()[:100])
    done = report("one", code=1)
    assert "scores.parquet: damaged or changed since the run wrote it: found 100 bytes" in done.stderr
    assert "icon doctor one" in done.stderr


def test_a_page_that_cannot_be_written_is_reported(report, folder):
    done = report("one", "--out", "pool.jsonl/page.html", code=2)
    assert "pool.jsonl is a file; valid: a folder" in done.stderr
