"""The doctor names what is missing, damaged and left over, and repairs what can be made again, byte for byte."""

from __future__ import annotations

import json
import os
import platform
import shutil
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install
from support.sealed import seal

COMMAND = "run pool.jsonl --assessment tasks.jsonl --backend fake --selector top --keep 4 --out run"
COVERED = ("assessment.jsonl", "scores.parquet", "selected.jsonl", "dropped.jsonl")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a pool, tasks, a finished run, and the command line in it."""
    folder = tmp_path_factory.mktemp("finished")
    for name, n in (("pool", 30), ("tasks", 4)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * (1 + i % 3)} for i in range(n)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    install(folder / "plugins", "icon-faked", FAKE_BACKEND)
    CommandLine(folder, [folder / "plugins"])(*COMMAND.split(), code=0)
    return folder


@pytest.fixture
def icon(finished, tmp_path):
    """Runs `icon` in a copy of that folder."""
    shutil.copytree(finished, tmp_path / "copy")
    line = CommandLine(tmp_path / "copy", [tmp_path / "copy/plugins"])
    return lambda words, code=None: line(*words.split(), code=code)


@pytest.fixture
def run(tmp_path, icon):
    """The copied run."""
    return tmp_path / "copy/run"


def flip(path: Path, place: int = 10) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def contents(run: Path) -> dict[str, bytes]:
    return {str(path.relative_to(run)): path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()}


def states(icon) -> dict[str, str]:
    found = json.loads(icon("doctor run --json").stdout)
    return {finding["file"]: finding["state"] for finding in found["findings"]}


def test_a_finished_run_is_sound_and_stays_as_it_is(icon, run):
    before = contents(run)
    done = icon("doctor run", code=0)
    assert "run: sound" in done.stdout
    assert contents(run) == before
    assert set(states(icon).values()) == {"ok"}
    icon("doctor run --repair", code=0)
    assert contents(run) == before


@pytest.mark.parametrize("how", ["missing", "damaged"])
@pytest.mark.parametrize("name", COVERED)
def test_a_file_that_is_missing_or_damaged_is_named_and_made_again(icon, run, name, how):
    before = contents(run)
    (run / name).unlink() if how == "missing" else flip(run / name)
    assert states(icon)[name] == how
    done = icon("doctor run", code=1)
    assert "icon doctor run --repair" in done.stdout
    icon("doctor run --repair", code=0)
    after = contents(run)
    assert (f"{name}.damaged" in after) == (how == "damaged")
    assert {key: after[key] for key in before if key != "run.json"} == {
        key: before[key] for key in before if key != "run.json"
    }
    assert json.loads(after["run.json"])["files"] == json.loads(before["run.json"])["files"]


def test_all_that_stages_1_and_3_wrote_is_made_again_at_once(icon, run):
    before = contents(run)
    for name in COVERED:
        (run / name).unlink()
    icon("doctor run --repair", code=0)
    after = contents(run)
    assert {name: after[name] for name in COVERED} == {name: before[name] for name in COVERED}


@pytest.mark.parametrize("command", [COMMAND, COMMAND.replace("run pool", "assess pool")])
def test_the_command_that_began_the_run_mends_the_assessment_set(icon, run, command):
    before = (run / "assessment.jsonl").read_bytes()
    flip(run / "assessment.jsonl")
    icon(command, code=0)
    assert (run / "assessment.jsonl").read_bytes() == before


def test_an_assessment_set_whose_source_is_another_now_is_not_made_again(icon, run):
    (run / "assessment.jsonl").unlink()
    (run.parent / "tasks.jsonl").write_text('{"instruction": "another", "output": "task"}\n')
    done = icon("doctor run --repair", code=1)
    assert "not repaired: assessment.jsonl: not made again" in done.stdout
    assert not (run / "assessment.jsonl").exists()


def test_a_page_is_drawn_again_and_token_details_are_set_aside(icon, run):
    flip(run / "report.html")
    flip(run / "explained.jsonl", 200)
    icon("doctor run --repair", code=0)
    assert (run / "report.html").read_bytes().lower().startswith(b"<!doctype html>")
    assert (run / "explained.jsonl.damaged").exists()
    icon(COMMAND, code=0)
    assert (run / "explained.jsonl").exists()
    icon("doctor run", code=0)


def test_leftovers_of_killed_processes_are_named_and_removed(icon, run):
    before = contents(run)
    child = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(child, 0)
    dead = f".{platform.node()}.{child}.tmp"
    of_another_machine = "contributions/length/.part.elsewhere.example.17.tmp"
    names = (f".run.json{dead}", f"contributions/.part{dead}", ".scores.parquet.0123456789ab.next", of_another_machine)
    for name in names:
        (run / name).write_bytes(b"half")
    (run / f".mine.{platform.node()}.{os.getpid()}.tmp").write_bytes(b"of a process that lives")
    assert all(states(icon)[name] == "left over" for name in names)
    icon("doctor run --repair", code=0)
    assert contents(run).keys() - before.keys() == {f".mine.{platform.node()}.{os.getpid()}.tmp"}


def test_a_commit_that_a_process_was_killed_in_is_finished(icon, run):
    before = contents(run)
    digest = json.loads(before["run.json"])["files"]["selected.jsonl"]["digest"]
    (run / "selected.jsonl").rename(run / f".selected.jsonl.{digest[:12]}.next")
    (run / "selected.jsonl").write_text("of an earlier selection\n")
    assert states(icon)["selected.jsonl"] == "unfinished"
    icon("doctor run --repair", code=0)
    assert contents(run) == before


def test_a_damaged_part_is_set_aside_and_measured_again_by_the_command_that_is_named(icon, run):
    before = contents(run)
    part = next((run / "contributions").glob("part-0*.parquet"))
    flip(part, 100)
    name = str(part.relative_to(run))
    assert states(icon)[name] == "damaged"
    done = icon("doctor run --repair", code=1)
    assert "icon score run" in done.stdout
    icon("score run", code=0)
    icon("doctor run --repair", code=0)
    assert {key: value for key, value in contents(run).items() if key != "run.json"} == {
        key: value for key, value in before.items() if key != "run.json"
    }


def test_a_missing_part_is_counted_in_candidates(icon, run):
    next((run / "contributions/length").glob("part-0*.parquet")).unlink()
    done = icon("doctor run", code=1)
    assert "contributions/length/  measurements of length; 30 of 30 candidates" in done.stdout


def test_one_wrong_bit_of_run_json_is_set_right(icon, run):
    """In a value, and in the syntax."""
    before = (run / "run.json").read_bytes()
    for part in (b'"split": "t', b'"checksum": "'):
        flip(run / "run.json", before.index(part) + len(part) - 1)
        icon("report run", code=2)
        assert states(icon)["run.json"] == "damaged"
        icon("doctor run --repair", code=0)
        assert (run / "run.json").read_bytes() == before


def test_a_cut_off_run_json_goes_on_from_its_settings_and_measures_nothing_twice(icon, run):
    before = contents(run)
    (run / "run.json").write_bytes(before["run.json"][:2500])
    done = icon("doctor run --repair", code=1)
    assert "scores.parquet proves them" in done.stdout
    assert "icon run --config run/run.json --out run" in done.stdout
    icon("run --config run/run.json --out run", code=0)
    after = contents(run)
    assert {name: after[name] for name in before if not name.endswith((".html", ".json"))} == {
        name: before[name] for name in before if not name.endswith((".html", ".json"))
    }
    icon("doctor run", code=0)


def test_without_run_json_the_command_that_began_the_run_goes_on(icon, run):
    before = contents(run)
    (run / "run.json").unlink()
    done = icon("doctor run --repair", code=1)
    assert "repeat the command that began the run, with --out run" in done.stdout
    icon(COMMAND, code=0)
    after = contents(run)
    assert after.keys() == before.keys()
    assert after["scores.parquet"] == before["scores.parquet"]


def test_a_wrong_command_does_not_delete_what_was_measured(icon, run):
    (run / "run.json").unlink()
    parts = {name for name in contents(run) if "part-" in name}
    icon(COMMAND.replace("tasks.jsonl", "nothing.jsonl"), code=2)
    assert {name for name in contents(run) if "part-" in name} == parts


def test_no_plugin_and_no_model_is_loaded(icon, run, tmp_path):
    """A plugin file that the run names is not even there any more."""
    data = json.loads((run / "run.json").read_text())
    data["config"]["plugins"] = ["gone.py"]
    del data["checksum"], data["files"]
    (run / "run.json").write_text(json.dumps({**data, "format": 3}))
    (run / "selected.jsonl").unlink()
    assert states(icon)["selected.jsonl"] == "missing"
    icon("doctor run --repair", code=0)
    assert (run / "selected.jsonl").exists()


def test_a_folder_that_is_no_run_is_refused(icon, run):
    (run.parent / "empty").mkdir()
    (run.parent / "empty/notes.txt").write_text("mine")
    for words in ("doctor empty", "doctor nowhere", "doctor empty --repair"):
        assert "valid: the folder of a run" in icon(words, code=2).stderr
    assert [path.name for path in (run.parent / "empty").iterdir()] == ["notes.txt"]


def test_files_of_others_and_exports_are_no_fault(icon, run):
    (run / "notes.txt").write_text("mine")
    icon("export run --to trl", code=0)
    known = states(icon)
    assert (known["notes.txt"], known["export/run-trl.jsonl"]) == ("foreign", "unchecked")
    icon("doctor run", code=0)


def test_a_part_under_another_label_is_damaged(icon, run):
    part = next((run / "contributions").glob("part-000000-*.parquet"))
    shutil.copy(part, part.with_name(part.name.replace("000000", "000001")))
    assert states(icon)[f"contributions/{part.name.replace('000000', '000001')}"] == "damaged"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
@pytest.mark.parametrize(
    "name", ["contributions/part-000007-0123456789abcdef.parquet", ".lock", "explained.jsonl", "assessment.jsonl"]
)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(icon, run, name):
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    icon("doctor run", code=0 if name == ".lock" else 1)


def test_a_run_json_of_a_newer_version_is_left_as_it_is(icon, run):
    before = seal(run, format=5) and contents(run)
    assert "this version of icon reads the formats" in icon("doctor run --repair", code=2).stderr
    assert {name: data for name, data in contents(run).items() if name != ".lock"} == before


def test_settings_of_an_older_format_are_brought_up_to_date(icon, run):
    data = {**json.loads((run / "run.json").read_text()), "format": 2}
    data["config"]["template"] = "alpaca"  # what is called paper now
    (run / "run.json").write_text(json.dumps(data, indent=2)[:2500])
    icon("doctor run --repair", code=1)
    assert json.loads((run / "run.json").read_text())["config"]["template"] == "paper"
