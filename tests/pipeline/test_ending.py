"""Signals to end are followed as Ctrl-C is, workers included, and a worker whose first process has gone ends by itself.

True processes: signals, and what becomes of children, are the property.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from icon.pipeline.ending import Terminated, signals_raise
from support.plugin_site import PluginSite

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

SLOW = """
import os, time
from pathlib import Path

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend


class Settings(Options):
    device: str = "cpu"


class Slow(FakeBackend):
    def score(self, context, targets):
        Path(f"{os.getpid()}.pid").touch()
        time.sleep(0.02)
        return super().score(context, targets)


@hookimpl
def icon_backends():
    return [Strategy("slow", "takes its time", lambda options: Slow(), Settings)]
"""


@pytest.fixture
def started(tmp_path, monkeypatch):
    """A run of two processes, both of them measuring: the first one, and the process id of the other."""
    for name, n in (("pool", 300), ("tasks", 3)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * 20} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "slow.py").write_text(SLOW)
    words = "run pool.jsonl --assessment tasks.jsonl --plugin slow.py --backend slow --devices cpu,cpu --out mine"
    command = [sys.executable, "-m", "icon", *words.split()]
    first = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline, others = time.monotonic() + 60, []
    while not others:
        assert first.poll() is None, first.communicate()[1]
        assert time.monotonic() < deadline
        others = [int(path.stem) for path in tmp_path.glob("*.pid") if int(path.stem) != first.pid]
        time.sleep(0.02)
    yield first, others[0]
    first.kill()
    first.wait()
    first.stderr.close()
    with contextlib.suppress(ProcessLookupError):
        os.kill(others[0], signal.SIGKILL)


def is_gone(process, seconds):
    """Whether a process ends within that time; one that waits for its parent to ask is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        with contextlib.suppress(OSError):
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False


def test_sigterm_ends_every_process_and_leaves_the_run_to_go_on_with(started, tmp_path):
    first, other = started
    first.send_signal(signal.SIGTERM)
    _, errors = first.communicate(timeout=30)
    assert first.returncode == 143, errors
    assert "To go on: icon run pool.jsonl" in errors
    assert "Traceback" not in errors
    assert is_gone(other, 1)
    assert json.loads((tmp_path / "mine/run.json").read_text())["status"] == "interrupted"
    assert not (tmp_path / "mine/selected.jsonl").exists()


def test_a_worker_whose_first_process_was_killed_ends_by_itself(started):
    first, other = started
    first.kill()
    first.wait()
    assert is_gone(other, 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_exit_code_is_that_of_the_shell(command_line, tmp_path, number):
    raising = f"    @app.command()\n    def stop():\n        import signal\n        signal.raise_signal({number:d})\n"
    site = PluginSite(tmp_path / "site")
    site.install("icon-stop", f"from icon.plugins import hookimpl\n@hookimpl\ndef icon_commands(app):\n{raising}")
    before = signal.getsignal(number)
    command_line("stop", paths=[site.folder], code=128 + number)
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_raise() as came:
            signal.raise_signal(signal.SIGHUP)
        assert came == []
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_puts_things_away_is_not_interrupted_again():
    done = []

    def work():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            done.append("put away")

    with signals_raise() as came:
        with pytest.raises(Terminated):
            work()
        assert came == [signal.SIGTERM]
    assert done
