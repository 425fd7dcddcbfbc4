"""The progress of a run: a bar on a terminal, an output in a notebook, else plain lines; or the caller's function."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal, Protocol

from icon.errors import ConfigError
from icon.pipeline.progress._tally import Tally, clock
from icon.plugins import Event, hookimpl

if TYPE_CHECKING:
    from rich.console import Console

    from icon.runs.run import Run

__all__ = ["Progress", "Tally", "clock", "refuse_other", "showing"]

Progress = Literal["auto"] | bool | Callable[[Event], object]
"""How a run shows its progress: "auto" and True choose a form, False shows nothing, a function gets every event."""

VIEW, OWN = "icon-progress", "progress"
"""Names under which a view and the caller's function are registered; faults of the latter are reported under it."""


class _View(Protocol):
    def icon_event(self, event: Event) -> None: ...

    def __enter__(self) -> Any: ...

    def __exit__(self, *raised: Any) -> None: ...


@contextmanager
def showing(
    run: Run, progress: Progress = "auto", console: Console | None = None, started: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Show the progress of a run while the block runs; nothing is ever written to standard output.

    Args:
        run: The run.
        progress: "auto" or True: a bar on a terminal, one output in a notebook, else lines on standard error, at the
            end of every stage and every 30 seconds. False: nothing. A function: it gets every event, and nothing is
            shown; one that raises is a warning and gets no more, as for any observer.
        console: The console of standard error; None for a new one.
        started: Called once a view is shown, which on a terminal takes the places of both streams.

    Raises:
        ConfigError: `progress` is none of these.
    """
    plugins = run.plugins
    name, view = VIEW, _view(run, progress, console)
    if callable(progress) and not isinstance(progress, bool):
        name = OWN
    if view is None:
        yield
        return
    plugins.register(view, name)
    before = set(plugins.warnings)
    try:
        with view if isinstance(view, AbstractContextManager) else nullcontext():
            started()
            yield
    finally:
        faults = [line for line in plugins.warnings if line not in before and f" {OWN} " in line]
        plugins.unregister(name)
    for fault in faults:
        warnings.warn(fault, stacklevel=4)


def refuse_other(progress: object) -> None:
    """Refuse what is no `Progress`, as a call does before it makes a folder.

    Raises:
        ConfigError: It is none.
    """
    if progress is not False and progress not in ("auto", True) and not callable(progress):
        raise ConfigError(f"progress: found {progress!r}; valid: 'auto', True, False, or a function that gets events")


class _Passing:
    """Passes events on to a function."""

    def __init__(self, function: Callable[[Event], object]) -> None:
        self._function = function

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Pass an event on."""
        self._function(event)


def _view(run: Run, progress: Progress, console: Console | None) -> Any:
    """The observer for this setting; None for none."""
    from icon.pipeline.ending import PARENT

    if progress is False or (PARENT in os.environ and not callable(progress)):  # a worker
        return None
    if callable(progress):
        return _Passing(progress)
    refuse_other(progress)
    tally = Tally(run.config.budget_amount, run.watch.started)
    from icon.pipeline.progress._notebook import NotebookView, in_notebook

    if console is None and in_notebook():
        return NotebookView(tally)
    if console is None and not getattr(sys.stderr, "isatty", lambda: False)():
        return _plain(tally, None)
    from rich.console import Console as NewConsole

    from icon.pipeline.progress._bar import BarView

    shown = console or NewConsole(stderr=True, highlight=False, markup=False, emoji=False)
    return BarView(tally, shown) if shown.is_terminal else _plain(tally, console)


def _plain(tally: Tally, console: Console | None) -> Any:
    from icon.pipeline.progress._lines import Lines

    def write(line: str) -> None:
        if console is not None:
            console.print(line, markup=False, soft_wrap=True)
        elif sys.stderr is not None:  # there is none under pythonw
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    return Lines(tally, write)
