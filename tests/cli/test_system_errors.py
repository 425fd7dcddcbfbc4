"""A path that the system refuses is one sentence and exit code 2, whatever option it stands behind."""

from __future__ import annotations

import errno
import json

import pytest

from icon.cli._system_errors import of_system

LONG = "n" * 300


def said_of(done):
    """What stands on standard error below the lines of progress."""
    lines = done.stderr.splitlines()
    return "\n".join(line for line in lines if not line.startswith("icon: "))


@pytest.fixture
def folder(tmp_path, command_line):
    """A pool, a finished run and a circle of links."""
    rows = "".join(f'{{"instruction": "{n}", "output": "{n * 7}"}}\n' for n in range(6))
    (tmp_path / "pool.jsonl").write_text(rows)
    (tmp_path / "circle").symlink_to("circle")
    command_line("run", "pool.jsonl", "--scorer", "length", "--keep", "2", "--no-report", "--out", "run", cwd=tmp_path)
    return tmp_path


RUN = ("run", "pool.jsonl", "--scorer", "length", "--keep", "2", "--no-report")


@pytest.mark.parametrize(
    "words",
    [
        ("run", LONG, "--scorer", "length"),
        (*RUN, "--out", LONG),
        (*RUN, "--out", "a/" * 2500),
        (*RUN, "--out", "circle"),
        (*RUN, "--out", "pool.jsonl/below"),
        (*RUN, "--out", "other", "--assessment", LONG),
        (*RUN, "--out", "other", "--plugin", LONG),
        (*RUN, "--out", "other", "--config", LONG),
        ("report", LONG),
        ("report", "run", "--out", LONG),
        ("report", "run", "--out", "circle"),
        ("select", LONG),
        ("explain", LONG, "row:1"),
        ("compare", "run", LONG),
        ("export", "run", "--to", "csv", "--out", LONG),
        ("export", "run", "--to", "parquet", "--out", LONG),
    ],
)
def test_a_path_that_no_file_can_have_is_wrong_use(command_line, folder, words):
    before = sorted(folder.iterdir())
    done = command_line(*words, cwd=folder, code=2)
    assert said_of(done).startswith("error: ")
    assert sorted(folder.iterdir()) == before  # nothing was begun


@pytest.mark.parametrize(
    "words",
    [
        ("select", "run", "--keep", "9" * 400),
        ("select", "run", "--keep", "9" * 5000),
        ("explain", "run", "1" * 5000),
        ("explain", "run", f"row:{'1' * 5000}"),
        ("explain", "run", f"row:1/{'1' * 5000}"),
    ],
)
def test_a_number_of_hundreds_of_digits_is_wrong_use(command_line, folder, words):
    assert "valid: " in command_line(*words, cwd=folder, code=2).stderr


@pytest.mark.parametrize("setting", ["pool", "split", "audit_field", "group_field", "template", "selector"])
@pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=["null", "half a surrogate pair"])
def test_a_setting_that_is_no_text_is_no_traceback(command_line, folder, setting, text):
    settings = {"pool": "pool.jsonl", "scorer": "length", "keep": "2", "report": False, setting: text}
    (folder / "settings.json").write_text(json.dumps(settings))
    done = command_line("run", "--config", "settings.json", "--out", "other", cwd=folder)
    assert done.returncode in (0, 2)
    assert done.returncode == 0 or said_of(done).startswith("error: ")


@pytest.mark.parametrize("out", ["link", "link/new", "link/new/er"])
@pytest.mark.parametrize("command", ["run", "assess"])
def test_a_link_to_nothing_is_no_place_of_a_run_and_nothing_is_made_behind_it(command_line, folder, command, out):
    (folder / "link").symlink_to("second")
    (folder / "second").symlink_to("gone/folder")
    pool = ("pool.jsonl", "--assessment", "stratified", "--assessment-size", "2") if command == "assess" else RUN[1:]
    done = command_line(command, *pool, "--out", out, cwd=folder, code=2)
    said = " ".join(done.stderr.split())
    assert f"error: --out {out}: link is a link to second, which leads to nothing" in said
    assert "make the folder it leads to, or give another --out" in said
    assert not (folder / "gone").exists()
    (folder / "gone/folder").mkdir(parents=True)
    command_line(*RUN, "--out", out, cwd=folder, code=0)


def test_a_full_disk_is_a_failure_that_names_the_file():
    said = of_system(OSError(errno.ENOSPC, "No space left on device", "run/x.part"))
    assert said.exit_code == 1
    assert str(said).startswith("run/x.part: No space left on device. What is finished is kept")


@pytest.mark.parametrize("error", [OSError("no file"), RuntimeError("of a library"), ConnectionError(111, "refused")])
def test_what_is_about_no_file_stays_what_it_is(error):
    assert of_system(error) is None
