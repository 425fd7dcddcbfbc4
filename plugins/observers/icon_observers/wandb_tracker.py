"""Runs in Weights & Biases."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import wandb

from icon_observers.observing import offline
from icon_observers.tracker import Tracker, flat

EXIT_CODES = {"done": 0, "interrupted": 130}

QUIET: dict[str, Any] = {
    "console": "off",  # what icon prints has texts of records
    "save_code": False,
    "disable_git": True,
    "x_disable_meta": True,
    "x_save_requirements": False,
}
"""Settings with which wandb sends no file of its own: command line, host, packages, code and the git remote."""


class WandbTracker:
    """A run of the project WANDB_PROJECT, `icon` by default, which WANDB_MODE and wandb's other variables decide on."""

    def __init__(self) -> None:
        self._run: Any = None

    def begin(self, name: str, settings: Mapping[str, object]) -> None:
        """Begin a run; where icon is to stay offline, wandb keeps it on this machine."""
        project = os.environ.get("WANDB_PROJECT", "icon")
        self._run = wandb.init(
            project=project,
            name=os.environ.get("WANDB_NAME", name),
            config=flat(settings),
            mode="offline" if offline() else None,
            reinit="create_new",
            settings=wandb.Settings(**QUIET),
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Log figures at a step."""
        self._run.log(dict(figures), step=step)

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """Put the figures and the status into the summary, and end the run."""
        self._run.summary.update({**figures, "status": status})
        self._run.finish(exit_code=EXIT_CODES.get(status, 1))


def make() -> Tracker:
    """A tracker for one run."""
    return WandbTracker()
