"""Shares of a run that processes started by hand measure: waiting for one another between the slices of a race."""

from __future__ import annotations

import signal
import time

from icon.errors import ConfigError
from icon.pipeline.ending import Terminated, orphaned
from icon.pipeline.measuring import Plan, Share, label_of
from icon.runs.model import Model
from icon.runs.parts import PartStore
from icon.runs.run import Run

POLL_SECONDS = 0.5
"""Time between two looks at the parts of others."""

LONG_SECONDS = 30
"""Waiting that takes longer is reported once."""


def wait_for_others(run: Run, plan: Plan, store: PartStore) -> None:
    """Wait until the slice has all its parts.

    Args:
        run: The run; gets a warning about a long wait.
        plan: The slice's parts.
        store: Their store.

    Raises:
        Terminated: The process that this one works for has ended.
    """
    wanted = {label_of(number) for number in range(len(plan.parts))}
    started, reported = time.monotonic(), False
    while not wanted <= store.labels():
        if orphaned():
            raise Terminated(signal.SIGTERM)
        if not reported and time.monotonic() - started > LONG_SECONDS:
            missing = len(wanted - store.labels())
            run.warn(f"{store.folder}: still waiting for the other shares, of which {missing} parts are missing")
            reported = True
        time.sleep(POLL_SECONDS)


def refuse_sharing(model: Model, share: Share) -> None:
    """Refuse several processes within a budget: none knows what the others spend, or which parts they will skip.

    Raises:
        ConfigError: There are workers or shares.
    """
    if len(model.devices) > 1:
        raise ConfigError(f"budget: found {len(model.devices)} devices; valid: one, or no --budget")
    if model.workers is not None:
        raise ConfigError("budget: found an executor with workers of its own; valid: --executor local, or no --budget")
    if share.count > 1:
        raise ConfigError(f"budget: found the share {share}; valid: one process, or no --budget")
