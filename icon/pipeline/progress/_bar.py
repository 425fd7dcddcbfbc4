"""Progress as a bar on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from icon.pipeline.progress._tally import Tally, clock, of_worker
from icon.plugins import Event, StageFinished, StageStarted, Warned, WorkerMeasured, hookimpl
from icon.visible import visible_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

WIDTH = 30
"""Columns of the bar on a wide terminal; on one below `NARROW` columns it has half of them."""
NARROW = 80
LONGEST = 60
"""Most characters of a stage's name."""


class BarView:
    """Shows the stage, what is done, tokens per second, and the time left or what is spent of the budget.

    Within a budget the bar is that of the budget, so it never promises more than that.

    Args:
        tally: How far the run is.
        console: The terminal.
    """

    def __init__(self, tally: Tally, console: Console) -> None:
        self.tally, self.console = tally, console
        self.progress = _progress(console)
        self._task: TaskID | None = None

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Show an event of the run."""
        self.tally.take(event)
        if isinstance(event, StageStarted):
            self._clear()
            self._task = self.progress.add_task(_short(event.stage, self.console.width), **self._state())
        elif isinstance(event, StageFinished):
            self._clear()
            self._finished(event)
        elif isinstance(event, Warned) and event.at_once:
            self.console.print(visible_line(event.message), style="yellow", markup=False, soft_wrap=True)
        elif isinstance(event, WorkerMeasured):
            self.console.print(of_worker(event), style="dim", markup=False, soft_wrap=True)
        elif self._task is not None:
            self.progress.update(self._task, **self._state())

    def _state(self) -> dict[str, Any]:
        tally = self.tally
        spent, budget = tally.spent, tally.budget
        if spent is not None and budget is not None:
            total, completed = budget.amount, spent
        else:
            total, completed = tally.total or None, tally.done  # type: ignore[assignment]
        return {"total": total, "completed": completed, "tally": tally}

    def _clear(self) -> None:
        if self._task is not None:
            self.progress.remove_task(self._task)
            self._task = None

    def _finished(self, event: StageFinished) -> None:
        from rich.text import Text

        mark = Text("✓ ", style="green") if event.complete else Text("✗ ", style="yellow")
        line = mark.append(_short(event.stage, LONGEST), style="default")
        self.console.print(line.append(f" {event.seconds:.1f} s", style="dim"))

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()


def _progress(console: Console) -> Progress:
    """The live display; its figures are read from the tally whenever it is drawn, so time goes on between events."""
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
    from rich.text import Text

    narrow = console.width < NARROW

    class Budgeted(BarColumn):
        """A bar that moves with the clock within a budget of time."""

        def render(self, task: Task) -> Any:
            if (spent := task.fields["tally"].spent) is not None:
                task.completed = spent
            return super().render(task)

    class Figures(ProgressColumn):
        """What is done, the speed, and the budget or the time left."""

        max_refresh = None

        def render(self, task: Task) -> Text:
            return Text(figures(task.fields["tally"], narrow=narrow), no_wrap=True, overflow="ellipsis")

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        Budgeted(bar_width=WIDTH // 2 if narrow else WIDTH),
        Figures(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def figures(tally: Tally, *, narrow: bool = False) -> str:
    """The figures beside the bar, the budget first: 1:05/2:00 44/200 310 tokens/s."""
    found = [tally.of_budget()]
    if tally.total:
        found.append(f"{tally.done}/{tally.total}")
    if (speed := tally.speed) is not None and not (narrow and found[0]):
        found.append(f"{speed:,.0f} tokens/s")
    if said := visible_line(tally.note):
        found.append(said[:40])
    if (left := tally.seconds_left) is not None:
        found.append(f"{clock(left)} left")
    elif tally.budget is None and tally.stage:
        found.append(clock(time.perf_counter() - tally.began))
    return " ".join(filter(None, found))


def _short(text: str, width: int) -> str:
    flat, most = visible_line(text), min(LONGEST, max(20, width - 40))
    return flat if len(flat) <= most else flat[: most - 1] + "…"
