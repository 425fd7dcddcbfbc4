"""kill -9 of workers and of the run's own process: the same command goes on, and ends with the same files.

True processes: the command line, its workers and their ends are the property.
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

from icon.testing.executor_suite import contents, parts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

BACKEND = """
import os, time
from pathlib import Path

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend


class Settings(Options):
    device: str = "cpu"


class Slow(FakeBackend):
    def __init__(self, options):
        super().__init__()
        Path("opened").mkdir(exist_ok=True)
        Path("opened", str(os.getpid())).touch()

    def score(self, context, targets):
        time.sleep(0.01)
        return super().score(context, targets)


@hookimpl
def icon_backends():
    return [Strategy("slow", "takes its time", Slow, Settings)]
"""
WORDS = "run pool.jsonl --assessment tasks.jsonl --plugin slow.py --backend slow --selector top --baseline length"


@pytest.fixture
def folder(tmp_path):
    for name, n in (("pool", 120), ("tasks", 4)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * (100 + i % 7)} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "slow.py").write_text(BACKEND)
    return tmp_path


@pytest.fixture
def begin(folder):
    """Starts the command in a process of its own."""
    begun = []

    def _begin(*more):
        given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        begun.append(subprocess.Popen([sys.executable, "-m", "icon", *WORDS.split(), *more], cwd=folder, **given))
        return begun[-1]

    yield _begin
    for process in begun:
        process.kill()
        process.wait()
        process.stderr.close()


def workers(folder, but=()):
    """Process ids of those that have opened the model and are alive."""
    found = [int(path.name) for path in folder.glob("opened/*")]
    return [pid for pid in found if pid not in but and Path(f"/proc/{pid}").exists()]


def wait_until(process, what):
    deadline = time.monotonic() + 120
    while not what():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes through /proc")
def test_workers_killed_and_then_the_run_itself_lose_only_what_was_in_work(folder, begin):
    out = folder / "mine"
    first = begin("--devices", "cpu,cpu", "--out", "mine")
    wait_until(first, lambda: len(parts(out)) > 3)
    for _ in range(2):
        wait_until(first, lambda: workers(folder))
        os.kill(workers(folder)[0], signal.SIGKILL)
        n_done = len(parts(out))
        wait_until(first, lambda n=n_done: len(parts(out)) > n)
    assert first.pid not in [int(path.name) for path in folder.glob("opened/*")]  # it opens no model itself
    first.kill()
    first.communicate()
    before = parts(out)
    left = workers(folder)
    second = begin("--out", "mine")  # whoever measures, it goes on
    _, said = second.communicate(timeout=300)
    assert second.returncode == 0, said
    assert before.items() <= parts(out).items()
    whole = begin("--out", "whole")
    _, said = whole.communicate(timeout=300)
    assert whole.returncode == 0, said
    found, expected = contents(out), contents(folder / "whole")
    for one in (found, expected):
        one["run.json"].pop("warnings")
        for name in ("report.html", "texts.parquet"):
            one["run.json"]["files"].pop(name, None)
    assert found == expected
    with contextlib.suppress(ProcessLookupError):
        for pid in left:  # the orphans have ended
            os.kill(pid, 0)
            pytest.fail(f"worker {pid} outlived its run")
