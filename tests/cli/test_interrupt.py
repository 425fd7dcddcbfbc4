"""Ctrl-C and SIGTERM during stage 2: exit code, the command to resume, and a run directory that says what it holds."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

import icon

pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")


def interruptible():
    """A shell may start its jobs with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tiny_embedded, tmp_path):
    """Start `icon` with these arguments; what is still running in the end is killed."""
    started = []

    def popen(*arguments):
        command = [sys.executable, "-m", "icon", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(tiny_embedded), "HF_HUB_OFFLINE": "1"}
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True, preexec_fn=interruptible
        )
        started.append(process)
        return process

    yield popen
    for process in started:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_with_130_and_the_command_that_resumes(tmp_path, write_sums, start):
    write_sums(tmp_path / "pool.jsonl", range(60))
    write_sums(tmp_path / "tasks.jsonl", range(100, 132))
    settings = ["--assessment", "tasks.jsonl", "--schedule", "exact", "--template", "plain", "--keep", "10"]
    arguments = ["run", "pool.jsonl", *settings, "--out", "a run"]
    process = start(*arguments)
    while not list((tmp_path / "a run/contributions").glob("part-shared-*")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted" in errors
    assert errors.strip().endswith(shlex.join(["icon", *arguments]))
    assert json.loads((tmp_path / "a run/run.json").read_text())["status"] == "interrupted"
    assert not (tmp_path / "a run/selected.jsonl").exists()


RACE = ["--assessment", "tasks.jsonl", "--template", "plain", "--selector", "top", "--schedule", "uniform"]
RACE += ["--capture", "1", "--out", "run"]
"""Settings of a race that goes on for as long as it is let, and whose selection does not depend on what it finds."""


def waits_for(process, folder, pattern):
    """Wait until the process has written such a file."""
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)


def works_and_is_partial(command_line, run):
    """Whatever is made of the run works and says that it is partial."""
    for words in (["export", "run", "--to", "own", "--json"], ["explain", "run", "row:3", "--no-tokens", "--json"]):
        done = command_line(*words, code=0)
        assert any(note.startswith("partial: the run was stopped") for note in json.loads(done.stdout)["notes"])
    command_line("report", "run", code=0)
    assert "Partial: the run was stopped" in (run / "report.html").read_text()
    assert "partial: the run was stopped" in command_line("compare", "run", "run", code=0).stdout
    result = icon.load_run(run)
    assert result.advice.kind == "partial"
    assert len(result.selected()) == 9  # 15% of 60


def test_a_race_that_ctrl_c_stopped_has_a_selection_that_everything_works_on(
    tmp_path, write_sums, start, tiny_command_line
):
    write_sums(tmp_path / "pool.jsonl", range(60))
    write_sums(tmp_path / "tasks.jsonl", range(100, 140))
    process = start("run", "pool.jsonl", *RACE)
    waits_for(process, tmp_path, "run/contributions/slice-01/part-0*")
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert printed.strip().startswith(("Partial: the run was stopped", "Not usable yet:"))
    works_and_is_partial(tiny_command_line, tmp_path / "run")


def test_a_run_that_sigterm_stopped_on_its_way_on_keeps_its_selection_and_everything_works_on_it(
    tmp_path, write_sums, start, tiny_command_line
):
    write_sums(tmp_path / "pool.jsonl", range(60))
    write_sums(tmp_path / "tasks.jsonl", range(100, 140))
    tiny_command_line("run", "pool.jsonl", *RACE, "--budget", "40k tokens")
    before = len(list(tmp_path.glob("run/contributions/slice-*/part-0*")))
    process = start("run", "pool.jsonl", *RACE, "--budget", "100M tokens")
    while len(list(tmp_path.glob("run/contributions/slice-*/part-0*"))) <= before:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143, errors
    works_and_is_partial(tiny_command_line, tmp_path / "run")
