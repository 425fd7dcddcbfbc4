"""Progress in a notebook: one output that is updated in place."""

from __future__ import annotations

import html
import sys
import time
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from icon.pipeline.progress._tally import Tally
from icon.plugins import Event, StageFinished, StageStarted, hookimpl
from icon.visible import visible_line

EVERY = 0.5
"""Seconds between two updates of the output."""


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


class NotebookView:
    """Shows the stage, a bar and the figures in one output of a notebook.

    Args:
        tally: How far the run is.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._handle: Any = None
        self._shown = 0.0

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Show an event of the run."""
        self._tally.take(event)
        now = time.perf_counter()
        if isinstance(event, StageStarted | StageFinished) or now - self._shown >= EVERY:
            self._shown = now
            self._handle.update(self._picture())

    def __enter__(self) -> Self:
        self._handle = _display().display(self._picture(), display_id=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.update(self._picture("" if error is None else "stopped"))

    def _picture(self, instead: str | None = None) -> Any:
        return _display().HTML(picture(self._tally) if instead is None else instead)


def _display() -> Any:
    """The module that shows things in a notebook; it is there where there is one."""
    return import_module("IPython.display")


def picture(tally: Tally) -> str:
    """The bar and the figures as HTML; what comes from a plugin or from data is escaped."""
    spent, budget = tally.spent, tally.budget
    if spent is not None and budget is not None:
        part: float | None = spent / budget.amount
    else:
        part = tally.done / tally.total if tally.total else None
    bar = f'<progress max="1" value="{part:.3f}"></progress> ' if part is not None else ""
    words = ", ".join([visible_line(tally.stage) or "icon", *tally.figures()])
    return f'<div style="font-family: monospace">{bar}{html.escape(words)}</div>'
