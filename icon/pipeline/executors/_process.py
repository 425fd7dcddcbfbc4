"""One process of the executor `processes`, as the process of the run has it."""

from __future__ import annotations

import os
import pickle
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from icon.pipeline.ending import PARENT
from icon.pipeline.processes import STOP_SECONDS, python_words, reason_of
from icon.plugins import Block, PartTask, WorkerSettings

MODULE = "icon.pipeline.executors._child"


class Gone:
    """In the place of a reply: the process has ended."""


class Process:
    """A process with a `Worker`, started at once; its replies are handed on from a thread of their own.

    Args:
        settings: What the worker is built from.
        name: Its name, for people.
        on_reply: Called with the process and each reply, and at its end with `Gone`.

    Attributes:
        asked: The requests without a reply so far, the oldest first; it is free where there is none.
        call: Number of the call of `measure` that its latest task is of.
    """

    def __init__(self, settings: WorkerSettings, name: str, on_reply: Callable[[Process, Any], None]) -> None:
        self.name = name
        self.asked: deque[str] = deque()
        self.call = 0
        self._block: Block | None = None
        self._on_reply = on_reply
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  open while the process writes to it
        self._popen = subprocess.Popen(
            [*python_words(), "-m", MODULE],
            stdin=subprocess.PIPE,  # it ends when this is closed
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **settings.environment, PARENT: str(os.getpid())},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send("build", settings, name)
        self.ask("describe")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def ask(self, request: str, *arguments: Any) -> None:
        """Send a request that has a reply."""
        self.asked.append(request)
        self._send(request, *arguments)

    def measure(self, block: Block, task: PartTask, call: int) -> None:
        """Give it a task, and the block where that is another than before."""
        if self._block is not block:
            self._block = block
            self._send("block", block)
        self.call = call
        self.ask("measure", task)

    def how_it_ended(self) -> str:
        """Its exit code or signal, and the last line that it printed; waits for its end."""
        code = self._popen.wait()
        self._errors.seek(0)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{how}: {reason_of(self._errors.read())}"

    def let_go(self) -> None:
        """Ask it to end, without waiting."""
        assert self._popen.stdin is not None
        with suppress(OSError, ValueError):
            self._popen.stdin.close()

    def close(self) -> None:
        """End it: at once where it is idle, and by force where it takes longer than `STOP_SECONDS`."""
        self.let_go()
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._reader.join(STOP_SECONDS)
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        self._errors.close()

    def _send(self, request: str, *arguments: Any) -> None:
        """Send a request; a process that has ended is found by its reader."""
        assert self._popen.stdin is not None  # a pipe
        with suppress(OSError, ValueError):
            self._popen.stdin.write(pickle.dumps((request, arguments)))
            self._popen.stdin.flush()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
            while True:
                self._on_reply(self, pickle.load(self._popen.stdout))
        self._on_reply(self, Gone())
