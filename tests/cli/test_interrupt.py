"""Ctrl-C during stage 2: exit code 130, the command to resume, and a run directory that says it was interrupted."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

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
