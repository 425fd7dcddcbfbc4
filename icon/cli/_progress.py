"""Progress on the terminal: an observer like any other, silent where there is no terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from icon.cli._console import one_line
from icon.cli._door import shut
from icon.plugins import CandidateMeasured, Event, StageFinished, StageProgressed, StageStarted, hookimpl


class ProgressView:
    """Shows the stage, candidates done, tokens per second and the time left; warnings wait for the summary."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task: TaskID | None = None
        self.tokens_at_start: int | None = None
        self.started = 0.0

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Show an event of the run."""
        if isinstance(event, StageStarted):
            self._start(event)
        elif isinstance(event, CandidateMeasured):
            self._advance(event)
        elif isinstance(event, StageProgressed) and self.task is not None:
            self.progress.update(self.task, completed=event.done, total=event.total, speed=one_line(event.note, 40))
        elif isinstance(event, StageFinished):
            self._finish(event)

    def _start(self, event: StageStarted) -> None:
        self.started, self.tokens_at_start = time.perf_counter(), None
        self.task = self.progress.add_task(event.stage, total=event.total, completed=event.done, speed="")

    def _advance(self, event: CandidateMeasured) -> None:
        if self.task is None:
            return
        if self.tokens_at_start is None:  # the first one includes the passes that all candidates share
            self.started, self.tokens_at_start = time.perf_counter(), event.tokens_evaluated
        tokens = event.tokens_evaluated - self.tokens_at_start
        speed = f"{tokens / (time.perf_counter() - self.started):,.0f} tokens/s" if tokens else ""
        self.progress.update(self.task, advance=1, speed=speed)

    def _finish(self, event: StageFinished) -> None:
        if self.task is not None:
            self.progress.remove_task(self.task)
            self.task = None
        if self.console.is_terminal:
            line = Text("✓ ", style="green").append(one_line(event.stage, 60), style="default")
            self.console.print(line.append(f" {event.seconds:.1f} s", style="dim"))

    def __enter__(self) -> Self:
        self.progress.start()
        shut()  # on a terminal it takes the places of both streams, and would take codes in texts for styles
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()
