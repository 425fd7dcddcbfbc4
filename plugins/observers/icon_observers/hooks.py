"""The plugin's hook: it passes the events of a run on to the trackers that the environment names, by default none."""

from __future__ import annotations

import os
from contextvars import ContextVar

from icon.plugins import Event, RunFinished, RunStarted, hookimpl
from icon_observers.observing import Observing, observing

VARIABLE = "ICON_OBSERVERS"
"""Environment variable with the names of the trackers, separated by commas."""

_running: ContextVar[Observing | None] = ContextVar("icon_observers_running", default=None)
"""What observes the run of this thread; runs in other threads have their own."""


@hookimpl
def icon_event(event: Event) -> None:
    """Pass an event on."""
    if isinstance(event, RunStarted):
        _running.set(None)
        if names := [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]:
            _running.set(observing(*names))
    observer = _running.get()
    if isinstance(event, RunFinished):
        _running.set(None)
    if observer is not None:
        observer(event)
