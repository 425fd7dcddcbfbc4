"""kill -9 at any moment of stage 2, then the same command: it resumes the run and ends with the same files."""

import os
import signal
import subprocess
import sys
import time

import pytest

from support.tiers import of_tier

pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")

SETTINGS = ["--assessment", "tasks.jsonl", "--template", "plain", "--selector", "top", "--baseline", "length"]
EXACT = ["exact.jsonl", "--schedule", "exact", "--keep", "10", *SETTINGS]
RACE = ["race.jsonl", "--schedule", "race", "--capture", "1", "--keep", "3", *SETTINGS]


@pytest.fixture
def folder(tmp_path, write_sums):
    """Two pools and a file of tasks."""
    write_sums(tmp_path / "exact.jsonl", range(20))
    write_sums(tmp_path / "race.jsonl", range(16))
    write_sums(tmp_path / "tasks.jsonl", range(100, 132))
    return tmp_path


@pytest.fixture
def killed(tiny_embedded, folder):
    """Starts a run in a process of its own and kills it as soon as a part exists: while it is still scoring."""

    def kill(settings, out, parts, reached):
        command = [sys.executable, "-m", "icon", "run", *settings, "--out", str(out)]
        environment = {**os.environ, "PYTHONPATH": str(tiny_embedded), "HF_HUB_OFFLINE": "1"}
        given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=folder, env=environment, **given) as process:
            while not any(parts.glob(reached)):
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.005)
            os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert not (out / "scores.parquet").exists()

    return kill


def test_a_killed_run_ends_with_the_files_of_an_uninterrupted_one(killed, tiny_command_line, contents, folder):
    stopped, whole = folder / "stopped", folder / "whole"
    parts = stopped / "contributions"
    for reached in of_tier(["part-000000-*"], ["part-shared-*", "part-000000-*"]):
        killed(EXACT, stopped, parts, reached)
    first = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    tiny_command_line("run", *EXACT, "--out", stopped, code=0)
    again = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    assert first.items() <= again.items()
    assert len(again) > len(first)
    tiny_command_line("run", *EXACT, "--out", whole, code=0)
    assert contents(stopped) == contents(whole)


def test_a_killed_race_ends_with_the_files_of_an_uninterrupted_one(killed, tiny_command_line, contents, folder):
    stopped, whole = folder / "stopped", folder / "whole"
    parts = stopped / "contributions"
    for reached in of_tier(["slice-02/part-shared-*"], ["slice-00/part-0*", "slice-02/part-shared-*"]):
        killed(RACE, stopped, parts, reached)
    tiny_command_line("run", *RACE, "--out", stopped, code=0)
    tiny_command_line("run", *RACE, "--out", whole, code=0)
    assert any(parts.glob("slice-02/part-0*"))
    assert contents(stopped) == contents(whole)
