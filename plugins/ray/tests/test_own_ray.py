"""Without an address a Ray of this machine is started and ended with the run, which leaves the files of one process."""

import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from icon.pipeline import measuring
from icon.testing.executor_suite import contents

pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")

SETTINGS = ["pool.jsonl", "--assessment", "tasks.jsonl", "--template", "plain", "--selector", "top"]
SETTINGS += ["--baseline", "random", "--keep", "3", "--no-report"]
TWO = ["--executor", "ray", "-o", "executor.workers=2"]


def processes_with(words):
    """Command lines with these words; Ray's processes have the folder of their files in theirs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may have ended just now
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if words in line:
                found.append(line)
    return found


@pytest.fixture
def place(monkeypatch):
    """A folder for temporary files with a short name, since those of Ray's sockets in it have a limit."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield Path(name)
        monkeypatch.undo()


def test_two_workers_come_to_the_files_of_one_process_and_nothing_is_left_behind(
    tiny_command_line, folder, place, monkeypatch
):
    monkeypatch.setattr(measuring, "TOKENS_PER_PART", 1000)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    said = tiny_command_line("run", *SETTINGS, *TWO, "--out", "two", code=0, env={"HOME": str(folder)})
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
    assert processes_with(str(place)) == []
    assert list(place.iterdir()) == []
    tiny_command_line("run", *SETTINGS, "--out", "one", code=0)
    two, one = contents(folder / "two"), contents(folder / "one")
    assert any(name.startswith("contributions/part-000001-") for name in two)
    assert two == one
    assert "Traceback" not in said.stderr
