"""The plugin's hook: it passes the events of a run on to the trackers that the environment names, by default none."""

from __future__ import annotations

import os

from icon.plugins import Event, RunFinished, RunStarted, hookimpl
from icon_observers.observing import Observing, observing

VARIABLE = "ICON_OBSERVERS"
"""Environment variable with the names of the trackers, separated by commas."""

_running: list[Observing] = []


@hookimpl
def icon_event(event: Event) -> None:
    """Pass an event on."""
    if isinstance(event, RunStarted):
        _running.clear()
        names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
        if names:
            _running.append(observing(*names))
    for one in _running:
        one(event)
    if isinstance(event, RunFinished):
        _running.clear()
