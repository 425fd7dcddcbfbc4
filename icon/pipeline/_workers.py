"""Several processes on one run: workers on other devices, and waiting for their shares of a race."""

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
"""How long a worker may take to end after SIGTERM."""

POLL_SECONDS = 0.5
"""Time between two looks at the parts of others."""

LONG_SECONDS = 30
"""Waiting that takes longer is reported once."""


class Workers:
    """One process `icon score RUN --share K/N --device D` per device but the first, which is this process's own.

    Workers write parts as this process does. Parts are written atomically, so a worker that dies loses only its current
    part. Workers end when this process ends, however it ends: see `icon.pipeline.ending`.

    Args:
        run: The run directory.
        devices: All devices, this process's own first.
        only: The one scorer that they measure; None for all that are not finished.
    """

    def __init__(self, run: Path, devices: Sequence[str], *, only: str | None = None) -> None:
        self.run = run
        self.only = () if only is None else ("--only", only)
        self.devices = tuple(devices)
        self._started: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = []

    def start(self) -> None:
        """Start the processes; a no-op where they are running."""
        if self._started:
            return
        for number, device in enumerate(self.devices[1:], start=2):
            share = f"{number}/{len(self.devices)}"
            command = [sys.executable, "-m", "icon", "score", str(self.run), "--share", share, "--device", device]
            command += self.only
            output = tempfile.TemporaryFile()  # noqa: SIM115  open while the process writes to it
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # open while this process runs
                stdout=subprocess.DEVNULL,
                stderr=output,
                env={**os.environ, PARENT: str(os.getpid())},
            )
            self._started.append((device, process, output))

    def ended(self) -> list[str]:
        """One sentence per process that ended too early; does not wait."""
        faults = []
        for device, process, output in self._started:
            if process.poll() is not None:
                output.seek(0)
                faults.append(
                    f"the process on device {device} ended with code {process.returncode}: {_reason(output.read())}"
                )
        return faults

    def wait(self) -> list[str]:
        """Wait for all processes; returns one sentence per process that failed."""
        faults = []
        for device, process, output in self._started:
            if code := process.wait():
                output.seek(0)
                faults.append(f"the process on device {device} ended with code {code}: {_reason(output.read())}")
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


def _close(process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    assert process.stdin is not None  # a pipe
    process.stdin.close()
    output.close()


def _reason(output: bytes) -> str:
    """The error message of icon in one line, or the last line of any other output."""
    text = output.decode("utf-8", "replace").strip()
    _, mark, error = text.rpartition("error: ")
    if mark:
        return " ".join(error.split())
    return text.splitlines()[-1] if text else "it printed nothing"


def wait_for_others(run: Run, plan: Plan, store: PartStore, workers: Workers) -> None:
    """Wait until the slice has all its parts, or a worker has ended without having written its share.

    Args:
        run: The run; gets a warning about workers that ended, and about a long wait.
        plan: The slice's parts.
        store: Their store.
        workers: The workers of this process; it has none if it is itself one.

    Raises:
        KeyboardInterrupt: The process that this one works for has ended.
    """
    wanted = {label_of(number) for number in range(len(plan.parts))}
    started, reported = time.monotonic(), False
    while not wanted <= store.labels():
        if faults := workers.ended():
            for fault in faults:
                run.warn(f"{fault}; its share was measured here")
            return
        if orphaned():
            raise KeyboardInterrupt
        if not reported and time.monotonic() - started > LONG_SECONDS:
            missing = len(wanted - store.labels())
            run.warn(f"{store.folder}: still waiting for the other shares, of which {missing} parts are missing")
            reported = True
        time.sleep(POLL_SECONDS)


def refuse_sharing(n_devices: int, share: Share) -> None:
    """Refuse several processes within a budget: none knows what the others spend, or which parts they will skip.

    Raises:
        ConfigError: There are several devices or shares.
    """
    if n_devices > 1:
        raise ConfigError(f"budget: found {n_devices} devices; valid: one, or no --budget")
    if share.count > 1:
        raise ConfigError(f"budget: found the share {share}; valid: one process, or no --budget")
