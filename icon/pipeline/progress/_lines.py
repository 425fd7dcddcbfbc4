"""Progress as plain lines, where there is no terminal: at the end of every stage, and now and then within one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from icon.pipeline.progress._tally import Tally, clock, of_worker
from icon.plugins import Event, StageFinished, Warned, WorkerMeasured, hookimpl
from icon.visible import visible_line

EVERY = 30.0
"""Seconds between two lines of one stage."""


class Lines:
    """Writes a line at the end of every stage, and every 30 seconds where the run stands.

    A thread of its own writes the latter, so that a long pass or a slow disk does not silence them.

    Args:
        tally: How far the run is.
        write: Writes one line.
        every: Seconds between two lines of one stage.
    """

    def __init__(self, tally: Tally, write: Callable[[str], None], every: float = EVERY) -> None:
        self._tally, self._write, self._every = tally, write, every
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Write what an event ends."""
        with self._lock:
            if isinstance(event, StageFinished):
                how = "done in" if event.complete else "ended early after"
                self._say(f"{visible_line(event.stage)}: {how} {event.seconds:,.1f} s")
            elif isinstance(event, Warned) and event.at_once:
                self._say(visible_line(event.message))
            elif isinstance(event, WorkerMeasured):
                self._say(of_worker(event))
            self._tally.take(event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._repeat, name="icon-progress", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _repeat(self) -> None:
        while not self._ended.wait(self._every):
            with self._lock:
                tally = self._tally
                stage = visible_line(tally.stage) or "working"
                elapsed = clock(time.perf_counter() - tally.started)
                self._say(", ".join([f"{stage}: {elapsed} since the start", *tally.figures()]))

    def _say(self, line: str) -> None:
        try:
            self._write(f"icon: {line}")
        except (OSError, ValueError):  # the stream is closed; the run goes on
            self._ended.set()
