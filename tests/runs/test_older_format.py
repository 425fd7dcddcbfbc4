"""Run directories that an earlier version wrote, with a run.json of format 1, are read and gone on with.

`format_1/length` was measured without a model, so its run.json has an empty object where format 2 has null;
`format_1/fake` was measured with the fake backend.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import icon
from icon.config import resolve
from icon.runs.manifest import load_manifest
from icon.testing import FakeBackend

STORED = Path(__file__).parent / "format_1"
SETTINGS = (
    "--template",
    "paper",
    "--scorer",
    "length",
    "--baseline",
    "random",
    "--selector",
    "top",
    "--keep",
    "3",
    "--no-report",
)


@pytest.fixture(autouse=True)
def copies(tmp_path, monkeypatch):
    """Copies of both runs with their pools; parts of another version of icon are refused, so it is that of the runs."""
    shutil.copytree(STORED, tmp_path / "format_1")
    monkeypatch.setattr("icon.runs.work.__version__", "0.1.0")
    monkeypatch.chdir(tmp_path / "format_1" / "length")
    return tmp_path / "format_1"


def manifest_of(run):
    return json.loads((run / "run.json").read_text())


def files_of(run):
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def without_manifest(run):
    """All files but run.json; of scores.parquet the rows, since its metadata has a digest of the settings' names.

    The column `raw_score`, which older tables lack, is left out.
    """
    files = {name: data for name, data in files_of(run).items() if name not in ("run.json", "scores.parquet")}
    rows = pq.read_table(run / "scores.parquet").to_pylist()
    return files | {"scores.parquet": [{k: v for k, v in row.items() if k != "raw_score"} for row in rows]}


@pytest.mark.parametrize("name", ["length", "fake"])
def test_the_stored_runs_are_of_format_1_and_name_no_absolute_path(name):
    manifest = manifest_of(STORED / name / "run")
    assert manifest["format"] == 1
    assert (manifest["model"] == {}) == (name == "length")
    assert manifest["config"]["pool"] == "pool.jsonl"


@pytest.mark.parametrize("format", [1, 2])
def test_its_template_alpaca_is_the_one_that_is_called_paper_now(copies, format):
    path = copies / "length" / "run" / "run.json"
    stored = {**manifest_of(path.parent), "format": format}
    path.write_text(json.dumps(stored if format == 1 else {**stored, "model": None}))
    manifest = load_manifest(path)
    assert (manifest.config.template, manifest.inputs.template.name) == ("paper", "paper")
    assert manifest.inputs.template.digest == stored["inputs"]["template"]["digest"]
    assert resolve({}, file=str(path)).template == "paper"


def test_another_template_of_an_older_run_stays(tmp_path):
    for name in ("plain", "chat", "mine.jinja"):
        (tmp_path / "run.json").write_text(json.dumps({"format": 2, "config": {"template": name}}))
        assert load_manifest(tmp_path / "run.json").config.template == name


def test_the_same_command_without_a_template_says_how_the_run_goes_on(command_line, copies):
    without = [word for word in SETTINGS if word not in ("--template", "paper")]
    done = command_line("run", "pool.jsonl", *without, "--out", "run", cwd=Path.cwd(), code=2)
    assert "with --template paper it goes on" in done.stderr
    command_line("run", "pool.jsonl", *SETTINGS, "--out", "run", cwd=Path.cwd(), code=0)


def test_load_run_reads_it(copies):
    before = files_of(copies)
    length, fake = icon.load_run("run"), icon.load_run(copies / "fake" / "run")
    assert [row.row for row in length.rows if row.selected] == [1, 3, 5]
    assert {row.row: row.score for row in length.rows} == {0: 8, 1: 50, 2: 1, 3: 50, 4: 8, 5: 50}
    assert length.summary["against"]["random"]["top"] == 3
    assert sum(row.selected for row in fake.rows) == 2
    assert files_of(copies) == before


def test_it_is_compared(copies):
    assert icon.compare("run")["names"] == ["length", "random"]
    both = icon.compare("run", copies / "fake" / "run")
    assert both["scored"] == {"a": 6, "b": 4, "both": 4}
    assert (both["selected"]["a"], both["selected"]["b"]) == (3, 2)


def test_it_is_exported(command_line, copies):
    command_line("export", "run", "--to", "own", "--out", "chosen.jsonl", cwd=Path.cwd(), code=0)
    records = [json.loads(line) for line in Path("chosen.jsonl").read_text().splitlines()]
    pool = [json.loads(line) for line in Path("pool.jsonl").read_text().splitlines()]
    assert records == [pool[1], pool[3], pool[5]]


@pytest.mark.parametrize("name", ["length", "fake"])
def test_its_report_is_drawn(command_line, copies, name):
    command_line("report", "run", cwd=copies / name, code=0)
    page = (copies / name / "run" / "report.html").read_text()
    blocks = re.findall(r'id="[^"]*">(H4sI[^<]*)<', page)  # gzip in base64
    assert any(b"Jupiter." in gzip.decompress(base64.b64decode(block)) for block in blocks)


@pytest.mark.parametrize(("name", "parts"), [("length", 2), ("fake", 3)])
def test_selecting_from_it_again_writes_format_4(command_line, copies, name, parts):
    run = copies / name / "run"
    measured = files_of(run / "contributions")
    command_line("select", "run", "--keep", "1", cwd=copies / name, code=0)
    manifest = manifest_of(run)
    assert (manifest["format"], manifest["results"]["selected"]) == (4, 1)
    assert len((run / "selected.jsonl").read_text().splitlines()) == 1
    assert files_of(run / "contributions") == measured
    assert len(measured) == parts


def test_the_same_command_goes_on_with_it(command_line):
    run = Path("run")
    before, times = without_manifest(run), manifest_of(run)["times"]
    command_line("run", "pool.jsonl", *SETTINGS, "--out", "run", cwd=Path.cwd(), code=0)
    manifest = manifest_of(run)
    assert without_manifest(run) == before
    assert (manifest["format"], manifest["model"], manifest["status"]) == (4, None, "done")
    assert manifest["times"]["started"] == times["started"]


def test_a_lost_part_is_measured_again(command_line):
    run = Path("run")
    before = without_manifest(run)
    (part,) = (run / "contributions").glob("part-*.parquet")
    lost = pq.read_table(part)
    part.unlink()
    command_line("run", "pool.jsonl", *SETTINGS, "--out", "run", cwd=Path.cwd(), code=0)
    (again,) = (run / "contributions").glob("part-*.parquet")
    assert pq.read_table(again).select(lost.column_names).equals(lost)  # with the columns that came since
    after, parts = without_manifest(run), {str(path.relative_to(run)): None for path in (part, again)}
    assert {**after, **parts} == {**before, **parts}


def test_the_same_call_goes_on_with_the_one_of_a_model(copies, monkeypatch):
    monkeypatch.chdir(copies / "fake")
    before, backend = without_manifest(Path("run")), FakeBackend()
    icon.run(
        "pool.jsonl",
        out="run",
        backend=backend,
        assessment_size=2,
        selector="top",
        keep="2",
        report=False,
        baselines=("length",),
        template="paper",
        scorer="icon",
    )
    manifest = manifest_of(Path("run"))
    assert without_manifest(Path("run")) == before
    assert (manifest["format"], manifest["model"]["backend"]) == (4, "fake")
    assert backend.tokens_evaluated == 0
