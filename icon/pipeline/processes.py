"""Processes that work for this one, one per device, and that end when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import IO

from icon import network, trust
from icon.pipeline.ending import PARENT

STOP_SECONDS = 4
"""How long a process may take to end after SIGTERM."""


class Processes:
    """One process of icon per device but the first, which is this process's own.

    They write files as this process does, whole or not at all, so one that dies loses only what it was doing. They end
    when this process ends, however it ends: see `icon.pipeline.ending`.

    Args:
        words: The words behind `icon` of the process with this number (from 2) on this device.
        devices: All devices, this process's own first.
    """

    def __init__(self, words: Callable[[int, str], Sequence[str]], devices: Sequence[str]) -> None:
        self.devices = tuple(devices)
        self._words = words
        self._started: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = []

    def start(self) -> None:
        """Start the processes; a no-op where they are running."""
        if self._started:
            return
        for number, device in enumerate(self.devices[1:], start=2):
            output = tempfile.TemporaryFile()  # noqa: SIM115  open while the process writes to it
            process = subprocess.Popen(
                [*python_words(), "-m", "icon", *self._words(number, device)],
                stdin=subprocess.PIPE,  # open while this process runs
                stdout=subprocess.DEVNULL,
                stderr=output,
                env={**os.environ, **trust.for_children(), **network.for_children(), PARENT: str(os.getpid())},
            )
            self._started.append((device, process, output))

    def ended(self) -> list[str]:
        """One sentence per process that ended too early; does not wait."""
        faults = []
        for device, process, output in self._started:
            if process.poll() is not None:
                output.seek(0)
                faults.append(
                    f"the process on device {device} ended with code {process.returncode}: {reason_of(output.read())}"
                )
        return faults

    def wait(self) -> list[str]:
        """Wait for all processes; returns one sentence per process that failed."""
        faults = []
        for device, process, output in self._started:
            if code := process.wait():
                output.seek(0)
                faults.append(f"the process on device {device} ended with code {code}: {reason_of(output.read())}")
            _close(process, output)
        self._started.clear()
        return faults

    def stop(self) -> None:
        """End running processes: by SIGTERM, so that they close their model, then by force."""
        for _, process, _ in self._started:
            process.terminate()  # not SIGINT, which a shell may have set to be ignored
        for _, process, output in self._started:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close(process, output)
        self._started.clear()


def python_words() -> list[str]:
    """The interpreter for a process like this one, as words of a command line.

    Python would look for modules in the current folder first, which may be one from elsewhere with a `torch.py` in it;
    so the process does that only where this one does.
    """
    looks_here = any(place in ("", os.getcwd()) for place in sys.path)  # noqa: PTH109  as sys.path has it
    return [sys.executable] if looks_here else [sys.executable, "-P"]


def _close(process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    assert process.stdin is not None  # a pipe
    process.stdin.close()
    output.close()


def reason_of(output: bytes) -> str:
    """The error message of icon in one line, or the last line of any other output."""
    text = output.decode("utf-8", "replace").strip()
    _, mark, error = text.rpartition("error: ")
    if mark:
        return " ".join(error.split())
    return text.splitlines()[-1] if text else "it printed nothing"
