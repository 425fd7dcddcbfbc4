"""Further processes that score on devices of their own, over the same run directory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from icon.pipeline.ending import PARENT

STOP_SECONDS = 10


class Workers:
    """One process `icon score RUN --share K/N --device D` for each device but the first, which is this process's own.

    They write parts as this one does; a part is whole or not there, so one that dies loses only what it was at. They
    end when this process does, however it ends: see `icon.pipeline.ending`.

    Args:
        run: The run directory.
        devices: All devices, this process's own first.
        only: The one scorer that they measure; None for what is still to measure.
    """

    def __init__(self, run: Path, devices: Sequence[str], *, only: str | None = None) -> None:
        self.run = run
        self.only = () if only is None else ("--only", only)
        self.devices = tuple(devices)
        self._started: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = []

    def start(self) -> None:
        """Start the processes; without effect where they run already."""
        if self._started:
            return
        for number, device in enumerate(self.devices[1:], start=2):
            share = f"{number}/{len(self.devices)}"
            command = [sys.executable, "-m", "icon", "score", str(self.run), "--share", share, "--device", device]
            command += self.only
            said = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the process writes to it
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # open as long as this process lives
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**os.environ, PARENT: str(os.getpid())},
            )
            self._started.append((device, process, said))

    def ended(self) -> list[str]:
        """A sentence for each that has ended though it was not to; each is told once a call, none is waited for."""
        faults = []
        for device, process, said in self._started:
            if process.poll() is not None:
                said.seek(0)
                faults.append(
                    f"the process on device {device} ended with code {process.returncode}: {_reason(said.read())}"
                )
        return faults

    def wait(self) -> list[str]:
        """Wait for all of them; a sentence for each that failed."""
        faults = []
        for device, process, said in self._started:
            if code := process.wait():
                said.seek(0)
                faults.append(f"the process on device {device} ended with code {code}: {_reason(said.read())}")
            _close(process, said)
        self._started.clear()
        return faults

    def stop(self) -> None:
        """End those that still run: politely first, so that they close their model, then by force."""
        for _, process, _ in self._started:
            process.terminate()  # not Ctrl-C, which a shell may have told them to ignore
        for _, process, said in self._started:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close(process, said)
        self._started.clear()


def _close(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    assert process.stdin is not None  # a pipe
    process.stdin.close()
    said.close()


def _reason(said: bytes) -> str:
    """The error that icon told, in one line, or the last line of anything else."""
    text = said.decode("utf-8", "replace").strip()
    _, mark, error = text.rpartition("error: ")
    if mark:
        return " ".join(error.split())
    return text.splitlines()[-1] if text else "it said nothing"
