"""What happens around each call of a model: time may be up before it, and observers hear of it afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from icon.types import Target


class OutOfTime(KeyboardInterrupt):
    """The time for a piece of work is over before its end: it is given up, and what is finished is kept.

    Like Ctrl-C it passes through the code of a plugin.
    """


def _nothing() -> None:
    """No-op callback."""


@dataclass(slots=True)
class Watched:
    """A piece of work that calls a model.

    Attributes:
        until: When it is given up, on the clock of `time.perf_counter`; None for never.
        on_call: Called after each call, and between the passes of one.
        pace: Seconds per character: of the last call, or where that is more, of the latest calls, of which the last
            weighs as much as all before it. A machine that has become slower is believed at once.
    """

    until: float | None = None
    on_call: Callable[[], None] = _nothing
    pace: float = 0.0
    _average: float = 0.0

    def before(self, characters: int) -> None:
        """Begin a call of so many characters.

        Raises:
            OutOfTime: At the pace of the latest calls it would end too late.
        """
        if self.until is not None and time.perf_counter() + characters * self.pace >= self.until:
            raise OutOfTime

    def after(self, characters: int, seconds: float) -> None:
        """End a call."""
        latest = seconds / max(1, characters)
        self._average = (self._average + latest) / 2 if self._average else latest
        self.pace = max(latest, self._average)
        self.on_call()


_watched: ContextVar[Watched | None] = ContextVar("watched", default=None)


@contextmanager
def watching(watched: Watched) -> Iterator[None]:
    """Context of a piece of work that calls a model."""
    token = _watched.set(watched)
    try:
        yield
    finally:
        _watched.reset(token)


@contextmanager
def model_call(context: str, targets: Sequence[Target]) -> Iterator[None]:
    """Context of one call of a model; a no-op where nothing is watched.

    Raises:
        OutOfTime: There is no time left for it.
    """
    watched = _watched.get()
    if watched is None:
        yield
        return
    characters = len(context) + sum(len(target.prompt) + len(target.response) for target in targets)
    watched.before(characters)
    start = time.perf_counter()
    yield
    watched.after(characters, time.perf_counter() - start)


def between_passes() -> None:
    """Let what is around a call know that one of its passes is done.

    Raises:
        OutOfTime: The time of the watched work is over.
    """
    watched = _watched.get()
    if watched is None:
        return
    if watched.until is not None and time.perf_counter() >= watched.until:
        raise OutOfTime
    watched.on_call()


def deadline() -> float | None:
    """When the watched work is given up, on the clock of `time.perf_counter`; None for never."""
    watched = _watched.get()
    return None if watched is None else watched.until
