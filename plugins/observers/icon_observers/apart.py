"""Runs a tracker in a thread of its own, so that a slow or failing one stops neither the run nor another tracker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context

from icon_observers.tracker import Tracker


class Apart:
    """One tracker of one run; every call of it is made in its thread, and no method here waits for one.

    Figures wait in one place, where newer ones replace those that the tracker has not taken yet: it may have fewer
    steps than there were, and its last one is the newest.

    Args:
        make: Makes the tracker.
        name: Its run is begun under this name.
        settings: The settings of icon's run.
    """

    def __init__(self, make: Callable[[], Tracker], name: str, settings: Mapping[str, object]) -> None:
        self._make, self._name, self._settings = make, name, settings
        self._figures: tuple[int, Mapping[str, float]] | None = None
        self._end: tuple[str, Mapping[str, float]] | None = None
        self._news = threading.Condition()
        self._fault: BaseException | None = None
        context = copy_context()  # it says whether icon is to stay offline
        self._thread = threading.Thread(target=context.run, args=(self._work,), daemon=True, name="icon-observer")
        self._thread.start()

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Let it log these figures when it can."""
        with self._news:
            self._figures = step, dict(figures)
            self._news.notify()

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """Let it end its run after the last figures."""
        with self._news:
            self._end = status, dict(figures)
            self._news.notify()

    def fault(self, seconds: float) -> BaseException | None:
        """What it raised, or that it did not come to its end within so many seconds; None where all is well."""
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive() and self._fault is None:
            return TimeoutError("it did not take everything in time; what it shows may be incomplete")
        return self._fault

    def _work(self) -> None:
        try:
            tracker = self._make()
        except BaseException as error:  # noqa: BLE001  a tracker may raise anything; the run goes on
            self._fault = error
            return
        ended = None
        try:
            tracker.begin(self._name, self._settings)
            while ended is None:
                logged, ended = self._next()
                if logged:
                    tracker.log(*logged)
                if ended:
                    tracker.end(*ended)
        except BaseException as error:  # noqa: BLE001
            self._fault = error
            with suppress(BaseException):
                tracker.end("failed", {})  # so that its run does not stay open

    def _next(self) -> tuple[tuple[int, Mapping[str, float]] | None, tuple[str, Mapping[str, float]] | None]:
        """Wait for figures or the end, and take them."""
        with self._news:
            self._news.wait_for(lambda: self._figures or self._end)
            logged, self._figures = self._figures, None
            return logged, self._end
