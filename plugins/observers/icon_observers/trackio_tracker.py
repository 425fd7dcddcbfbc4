"""Runs in trackio, which keeps them on this machine unless TRACKIO_SPACE_ID names a space."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import trackio

from icon.errors import ConfigError
from icon_observers.observing import offline
from icon_observers.quiet import unheard
from icon_observers.tracker import Tracker, flat

SPACE = "TRACKIO_SPACE_ID"


class TrackioTracker:
    """A run of the project TRACKIO_PROJECT, `icon` by default."""

    def __init__(self) -> None:
        self._run: Any = None

    def begin(self, name: str, settings: Mapping[str, object]) -> None:
        """Begin a run.

        Raises:
            ConfigError: icon is to stay offline, and a space is named.
        """
        space = os.environ.get(SPACE)
        if space and offline():
            raise ConfigError(f"observer trackio: {SPACE} is {space}, and this command is to stay offline")
        project = os.environ.get("TRACKIO_PROJECT", "icon")
        with unheard():  # its words would stand among those of --json
            self._run = trackio.init(project=project, name=name, space_id=space, config=flat(settings), embed=False)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Log figures at a step."""
        self._run.log(dict(figures), step=step)

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """Log the figures of the summary under `summary/`, and end the run; trackio has no status of its own."""
        self._run.log({f"summary/{figure}": value for figure, value in figures.items()} | {"summary/status": status})
        with unheard():
            trackio.finish()


def make() -> Tracker:
    """A tracker for one run."""
    return TrackioTracker()
