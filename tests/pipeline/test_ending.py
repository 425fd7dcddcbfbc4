"""Signals to end are followed as Ctrl-C is, workers included, and a worker whose first process has gone ends by itself.

True processes: signals, and what becomes of children, are the property.
"""

import contextlib
import ctypes
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


def begin_run(folder, plugin, *options):
    """A run with two workers: its process, and the process id of a worker that measures."""
    for name, n in (("pool", 300), ("tasks", 3)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * 20} for i in range(n)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "slow.py").write_text(plugin)
    words = "run pool.jsonl --assessment tasks.jsonl --plugin slow.py --backend slow --devices cpu,cpu --out mine"
    command = [sys.executable, "-m", "icon", *words.split(), *options]
    first = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline, others = time.monotonic() + 180, []
    while not others:
        assert first.poll() is None, first.communicate()[1]
        assert time.monotonic() < deadline
        others = [int(path.stem) for path in folder.glob("*.pid") if int(path.stem) != first.pid]
        time.sleep(0.02)
    return first, others[0]


@pytest.fixture
def started(tmp_path):
    """A run with two workers: its process, and the process id of a worker that measures."""
    first, other = begin_run(tmp_path, SLOW)
    yield first, other
    first.kill()
    first.wait()
    first.stderr.close()
    with contextlib.suppress(ProcessLookupError):
        os.kill(other, signal.SIGKILL)


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


BAD_WORKERS = """
import os, time
from pathlib import Path

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend


class Settings(Options):
    device: str = "cpu"
    way: str = "sleeps"


def hang():
    while True:
        try:
            time.sleep(1)
        except BaseException:  # as a library in C that never looks for signals
            pass


class Bad(FakeBackend):
    def __init__(self, way):
        super().__init__()
        self.way = way

    def score(self, context, targets):
        worker = "ICON_PARENT_PROCESS" in os.environ
        Path(f"{os.getpid()}.pid").touch()
        if self.way == "hangs" and worker:
            hang()
        time.sleep(0.02)
        return super().score(context, targets)


@hookimpl
def icon_backends():
    return [Strategy("slow", "misbehaves", lambda options: Bad(options.way), Settings)]


@hookimpl
def icon_event(event):
    if Path("leaks").exists() and type(event).__name__ == "CandidateMeasured" and not Path("leaked").exists():
        Path("leaked").touch()
        if not (child := os.fork()):  # it inherits the pipes that end workers when they are closed
            time.sleep(300)
            os._exit(0)
        Path("child.txt").write_text(str(child))
"""


@pytest.fixture
def begun(tmp_path):
    """Starts a run of two processes with a backend that misbehaves in that way; gives the first and the other's id."""
    procs = []

    def begin(way):
        (tmp_path / way).touch()
        procs.append(begin_run(tmp_path, BAD_WORKERS, "-o", f"backend.way={way}"))
        return procs[-1]

    yield begin
    for first, other in procs:
        first.kill()
        first.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.kill(other, signal.SIGKILL)


@pytest.mark.parametrize("way", ["hangs", "leaks"])
def test_a_worker_is_gone_five_seconds_after_its_parent_was_killed(begun, tmp_path, way):
    """Also one that hangs, and one whose pipe a third process has inherited."""
    first, other = begun(way)
    while way == "leaks" and not (tmp_path / "child.txt").exists():
        time.sleep(0.02)
    first.kill()
    first.wait()
    try:
        assert is_gone(other, 5)
    finally:
        if way == "leaks":
            os.kill(int((tmp_path / "child.txt").read_text()), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_arrives_in_a_callback_of_a_c_library_is_not_lost(number):
    """Python prints the exception and drops it: both processes went on measuring as if there had been no signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    sent = []

    def callback():
        if not sent:
            sent.append(number)
            signal.raise_signal(number)
        return 0

    def measure():
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            ctypes.CFUNCTYPE(ctypes.c_int)(callback)()
            time.sleep(0.001)

    try:
        with signals_raise() as came, pytest.raises(KeyboardInterrupt):
            measure()
        assert sent == [number]
        assert came == ([] if number == signal.SIGINT else [number])
    finally:
        signal.signal(signal.SIGINT, before)


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
