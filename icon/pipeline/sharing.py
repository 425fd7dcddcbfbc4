"""Several processes on one race: each measures its share of a slice and waits for the others before it looks."""

from __future__ import annotations

import time

from icon.contribution.measure import Share, label_of
from icon.contribution.plan import Plan
from icon.errors import ConfigError
from icon.pipeline.ending import orphaned
from icon.pipeline.workers import Workers
from icon.runs.parts import PartStore
from icon.runs.run import Run

POLL_SECONDS = 0.5
LONG_SECONDS = 30
"""After so long without the others, whoever waits says so."""


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
