"""Several processes on one run: workers on devices of their own, and how processes share a race."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from icon.errors import ConfigError
from icon.pipeline.ending import PARENT, orphaned
from icon.pipeline.measuring import Plan, Share, label_of
from icon.runs.parts import PartStore
from icon.runs.run import Run

STOP_SECONDS = 10

POLL_SECONDS = 0.5

LONG_SECONDS = 30
"""After so long without the others, whoever waits says so."""


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


def wait_for_others(run: Run, plan: Plan, store: PartStore, workers: Workers) -> None:
    """Until the other shares of the slice are there, or a process that was to bring one has ended without.

    Args:
        run: The run, which is told of processes that ended, and of a long wait.
        plan: The slice's parts.
        store: Where they lie.
        workers: The processes that were started for the run; none for one that only measures a share.

    Raises:
        KeyboardInterrupt: The process whose run this is has gone.
    """
    wanted = {label_of(number) for number in range(len(plan.parts))}
    started, told = time.monotonic(), False
    while not wanted <= store.labels():
        if faults := workers.ended():
            for fault in faults:
                run.warn(f"{fault}; its share was measured here")
            return
        if orphaned():
            raise KeyboardInterrupt
        if not told and time.monotonic() - started > LONG_SECONDS:
            missing = len(wanted - store.labels())
            run.warn(f"{store.folder}: waited for the other shares, which have {missing} parts still to bring")
            told = True
        time.sleep(POLL_SECONDS)


def refuse_sharing(n_devices: int, share: Share) -> None:
    """One process alone knows what is spent; of several, each would wait for parts that no other may still begin."""
    if n_devices > 1:
        raise ConfigError(f"budget: found {n_devices} devices; valid: one, or no --budget")
    if share.count > 1:
        raise ConfigError(f"budget: found the share {share}; valid: one process, or no --budget")
