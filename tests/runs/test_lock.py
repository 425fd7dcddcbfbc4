"""One process writes to a run: a second one is refused while it lives, and takes over when it is dead."""

import errno
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import icon
from icon.errors import ConfigError, RunError, RunInUseError
from icon.runs import lock as locks
from icon.runs.entering import reopen_share
from icon.runs.lock import RunLock, belongs_to, in_use_by
from support.command_line import CommandLine
from support.small_pool import write_small_pool

HOLD = """
import sys, time
from pathlib import Path
from icon.runs.lock import RunLock
lock = RunLock.take(Path(sys.argv[1]), shared=len(sys.argv) > 2)
print("held", flush=True)
time.sleep(60)
"""
SETTINGS = ("--scorer", "length", "--baseline", "random", "--selector", "top", "--no-report")
WORDS = ("pool.jsonl", "--assessment", "tasks.jsonl", *SETTINGS)


@pytest.fixture
def hold():
    """Starts processes that lock a run and stay; they are killed at the end."""
    started = []

    def start(folder, *more):
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), *more], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a pool, tasks, and a finished run that kept 3 of it."""
    folder = tmp_path_factory.mktemp("made")
    write_small_pool(folder)
    CommandLine(folder)("run", *WORDS, "--keep", "3", "--out", "run", code=0)
    return folder


@pytest.fixture
def pool(made, tmp_path):
    """Copies of the pool and the tasks; the words of a run over them."""
    for name in ("pool.jsonl", "tasks.jsonl"):
        shutil.copy(made / name, tmp_path / name)
    return WORDS


@pytest.fixture
def finished(made, pool, tmp_path):
    """A copy of the finished run beside them."""
    return shutil.copytree(made / "run", tmp_path / "run")


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.mark.parametrize(
    "words",
    [("score", "run"), ("score", "run", "--share", "1/2"), ("select", "run"), ("report", "run"), ("run",), ("assess",)],
    ids=" ".join,
)
def test_a_second_process_that_writes_is_refused_while_the_first_lives(
    words, hold, pool, finished, command_line, tmp_path, monkeypatch
):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.1)
    first = hold(tmp_path / "run")
    before = files(tmp_path / "run")
    given = (*words, *pool, "--keep", "3", "--out", "run") if len(words) == 1 else words
    message = " ".join(command_line(*given, code=2).stderr.split())
    assert f"run: in use by process {first.pid} on this machine" in message
    assert f"wait until it ends, or stop it (kill {first.pid}), or use another --out" in message
    assert files(tmp_path / "run") == before
    first.kill()
    first.wait()
    assert (tmp_path / "run/.lock").exists()  # what it left is no lock
    command_line(*given, code=0)
    assert not (tmp_path / "run/.lock").exists()


def test_a_second_run_with_another_keep_changes_nothing_of_the_first(hold, pool, command_line, tmp_path):
    first = hold(tmp_path / "run")
    assert "in use by process" in command_line("run", *pool, "--keep", "5", "--out", "run", code=2).stderr
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]
    first.kill()
    first.wait()
    command_line("run", *pool, "--keep", "3", "--out", "run", code=0)
    before = files(tmp_path / "run")
    message = command_line("run", *pool, "--keep", "5", "--out", "run", code=2).stderr
    assert 'keep: "3" -> "5"' in message
    assert files(tmp_path / "run") == before


def test_who_only_reads_is_not_refused(hold, pool, finished, command_line, tmp_path):
    hold(tmp_path / "run")
    for words in (
        ("export", "run", "--to", "own", "--out", "own.jsonl"),
        ("compare", "run"),
        ("explain", "run", "row:1"),
        ("report", "run", "--out", "page.html"),
        ("run", *pool, "--keep", "3", "--out", "run", "--dry-run"),
    ):
        command_line(*words, code=0)


def test_shares_work_beside_one_another_and_no_share_twice(hold, finished, command_line, tmp_path):
    hold(tmp_path / "run", "shared")
    with pytest.raises(RunInUseError):
        RunLock.take(tmp_path / "run")
    first, second = (reopen_share(tmp_path / "run", name) for name in ("1-of-2", "2-of-2"))
    with pytest.raises(RunInUseError):
        reopen_share(tmp_path / "run", "2-of-2")
    second.close()
    reopen_share(tmp_path / "run", "2-of-2").close()
    first.close()
    command_line("score", "run", "--share", "2/2", code=0)


def test_workers_write_under_the_lock_of_the_process_they_work_for(hold, finished, command_line, tmp_path):
    parent = hold(tmp_path / "run")
    assert belongs_to(tmp_path / "run", parent.pid)
    reopen_share(tmp_path / "run", "2-of-2", parent.pid).close()
    with pytest.raises(RunInUseError):
        reopen_share(tmp_path / "run", "2-of-2", os.getpid())


def test_a_process_on_another_host_is_named_with_its_host(tmp_path):
    run = tmp_path / "run"
    lock = RunLock.take(run)
    held = json.loads((run / ".lock").read_text())
    assert (held["process"], held["command"].split()[0]) == (os.getpid(), "icon")
    (run / ".lock").write_text(json.dumps({**held, "host": "node-17", "process": 4242}))
    with pytest.raises(RunInUseError, match=r"in use by process 4242 on node-17 \(icon.*kill 4242 there"):
        RunLock.take(run)
    (run / ".lock").write_text("[[[")
    with pytest.raises(RunInUseError, match="in use by another process"):
        RunLock.take(run)
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_who_has_not_said_who_it_is_yet_is_waited_for(tmp_path):
    held = RunLock.take(tmp_path / "run")
    (tmp_path / "run/.lock").write_bytes(b"")
    started = time.monotonic()
    with pytest.raises(RunInUseError, match="in use by another process"):
        RunLock.take(tmp_path / "run")
    assert time.monotonic() - started >= 1
    held.release()


def test_a_process_that_was_killed_is_not_taken_for_a_later_one_of_its_number(tmp_path):
    (tmp_path / ".lock").write_text(json.dumps({"host": platform.node(), "process": os.getpid()}))
    assert in_use_by(tmp_path) == ""
    for number in (os.getppid(), 10**30):
        (tmp_path / ".lock").write_text(json.dumps({"host": platform.node(), "process": number}))
        assert in_use_by(tmp_path) == ""
    (tmp_path / ".lock").unlink()
    os.mkfifo(tmp_path / ".lock")
    assert in_use_by(tmp_path) == ""


def test_without_locks_nothing_of_another_process_is_removed(finished, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    staged = finished / f".scores.parquet.{'0' * 12}.next"
    staged.write_bytes(b"of another process")
    monkeypatch.setattr(locks.fcntl, "flock", none)
    with pytest.warns(UserWarning, match="its file system has no locks"):
        icon.write_report(finished)
    assert staged.exists()


def test_a_moment_is_waited_for(tmp_path):
    held = RunLock.take(tmp_path, brief=True)
    (tmp_path / "run.json").touch()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            RunLock.take(tmp_path)
            code = 0
        finally:
            os._exit(code)
    time.sleep(0.3)
    held.release()
    assert os.waitpid(process, 0)[1] == 0


def test_a_file_system_without_locks_is_a_warning_and_no_error(pool, command_line, tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", none)
    done = command_line("run", *pool, "--keep", "3", "--out", "run", code=0)
    assert "its file system has no locks" in " ".join(done.stderr.split())
    assert json.loads((tmp_path / "run/run.json").read_text())["status"] == "done"


@pytest.mark.parametrize("flock", [None, locks.fcntl])
def test_a_new_folder_that_nothing_was_written_to_does_not_stay(command_line, tmp_path, monkeypatch, flock):
    monkeypatch.setattr(locks, "fcntl", flock)
    command_line("run", "nowhere.jsonl", *SETTINGS, "--out", "run", code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_gets_no_file(pool, command_line, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/thesis.tex").write_text("precious")
    command_line("run", *pool, "--out", "thesis", code=2)
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(("number", "error"), [(errno.EROFS, ConfigError), (errno.ENOSPC, RunError)])
def test_a_disk_that_is_read_only_or_full_is_an_error_in_words(tmp_path, monkeypatch, number, error):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(error, match=r"is not writable \(Read-only|cannot be written: No space left"):
        RunLock.take(tmp_path)


def test_the_same_run_twice_at_once_measures_once(pool, tmp_path):
    """Two real processes: one does the work, the other is refused before it measures anything."""
    words = [sys.executable, "-m", "icon", "run", *pool, "--keep", "3", "--out", "run"]
    both = [subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(process.communicate()[1], process.returncode) for process in both]
    codes = sorted(code for _, code in ended)
    assert codes in ([0, 2], [0, 0])  # one may have ended before the other began
    assert all("in use by process" in text for text, code in ended if code)
    assert json.loads((tmp_path / "run/run.json").read_text())["status"] == "done"
    assert len(list(Path(tmp_path / "run/contributions").glob("part-*"))) == len(
        {path.name.split("-")[1] for path in (tmp_path / "run/contributions").glob("part-*")}
    )


def test_a_killed_run_is_taken_over_at_once(finished, tmp_path, command_line):
    process = os.fork()
    if process == 0:
        RunLock.take(tmp_path / "run")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)
    command_line("select", "run", "--keep", "4", code=0)
    assert sorted(path.name for path in (tmp_path / "run").iterdir() if path.name.startswith(".")) == []
