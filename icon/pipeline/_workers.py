"""Several processes on one run: workers on other devices, and waiting for their shares of a race."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from pathlib import Path

from icon.errors import ConfigError
from icon.pipeline.ending import Terminated, orphaned
from icon.pipeline.measuring import Plan, Share, label_of
from icon.pipeline.processes import Processes
from icon.runs.parts import PartStore
from icon.runs.run import Run

POLL_SECONDS = 0.5
"""Time between two looks at the parts of others."""

LONG_SECONDS = 30
"""Waiting that takes longer is reported once."""


class Workers(Processes):
    """One process `icon score RUN --share K/N --device D` per device but the first.

    Args:
        run: The run directory.
        devices: All devices, this process's own first.
        only: The one scorer that they measure; None for all that are not finished.
    """

    def __init__(self, run: Path, devices: Sequence[str], *, only: str | None = None) -> None:
        more = () if only is None else ("--only", only)

        def words(number: int, device: str) -> list[str]:
            return ["score", str(run), "--share", f"{number}/{len(devices)}", "--device", device, *more]

        super().__init__(words, devices)


def wait_for_others(run: Run, plan: Plan, store: PartStore, workers: Workers) -> None:
    """Wait until the slice has all its parts, or a worker has ended without having written its share.

    Args:
        run: The run; gets a warning about workers that ended, and about a long wait.
        plan: The slice's parts.
        store: Their store.
        workers: The workers of this process; it has none if it is itself one.

    Raises:
        Terminated: The process that this one works for has ended.
    """
    wanted = {label_of(number) for number in range(len(plan.parts))}
    started, reported = time.monotonic(), False
    while not wanted <= store.labels():
        if faults := workers.ended():
            for fault in faults:
                run.warn(f"{fault}; its share was measured here")
            return
        if orphaned():
            raise Terminated(signal.SIGTERM)
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
