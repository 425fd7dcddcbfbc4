"""Early ends of a process: on SIGTERM and SIGHUP as on Ctrl-C, and of a worker when its parent has ended."""

from __future__ import annotations

import faulthandler
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a run as Ctrl-C does."""

PARENT = "ICON_PARENT_PROCESS"
"""Environment variable of a worker with the process id of its parent."""

GRACE_SECONDS, LOOK_SECONDS = 3, 0.5
"""How long a worker whose parent has ended may take to clean up, and how often it looks for its parent."""

AGAIN_SECONDS = 0.05
"""After how long a signal comes again whose exception a callback of a C library has lost."""

_first_parent = os.getppid()
"""The process that started this one, or took it over before it began."""


class Terminated(KeyboardInterrupt):
    """A signal to end was received: what is finished is kept, and nothing more is begun, not even a selection.

    Args:
        number: The signal's number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_raise() -> Iterator[list[int]]:
    """Let SIGTERM and SIGHUP raise `Terminated` in the main thread, once; an ignored one (nohup) stays ignored.

    Yields:
        A list that gets the number of the signal when one is received.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def end(number: int, _frame: Any) -> None:
        if not received:  # cleaning up must not be interrupted by a second one
            received.append(number)
            raise Terminated(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number in SIGNALS if before[number] == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)
    try:
        with _nothing_lost(received):
            yield received
    finally:
        for number in taken:
            signal.signal(number, before[number])


@contextmanager
def _nothing_lost(received: list[int]) -> Iterator[None]:
    """Send a signal again whose exception was raised where Python drops it, as in a callback of a C library.

    Without this the process would go on measuring as if there had been none.
    """
    before = sys.unraisablehook

    def hook(lost: Any) -> None:
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            before(lost)
            return
        number = getattr(lost.exc_value, "number", signal.SIGINT)
        received.clear()
        timer = threading.Timer(AGAIN_SECONDS, _interrupt, [number])
        timer.daemon = True
        timer.start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def end_with_parent() -> None:
    """Let a worker end when its parent has ended, however that happened; a no-op in other processes.

    Its standard input is a pipe that only the parent holds open; and where another process has inherited that pipe, the
    system gives an orphan another parent.
    """
    if PARENT in os.environ:
        threading.Thread(target=_end_when_orphaned, daemon=True).start()


def orphaned() -> bool:
    """Whether this process is a worker whose parent has ended."""
    return PARENT in os.environ and os.getppid() != _first_parent


def watch_parent() -> None:
    """End this process where its parent has ended and another process holds the pipe between them open."""
    while not orphaned():
        time.sleep(LOOK_SECONDS)
    end_soon()


def _end_when_orphaned() -> None:
    while not orphaned() and not _end_of_input():
        pass
    end_soon()


def end_soon() -> None:
    """End this process as SIGTERM does, and by force where it has not ended within `GRACE_SECONDS`."""
    # Its clock needs no interpreter, so it ends a process that hangs, too; safe at any time, as parts are atomic.
    faulthandler.dump_traceback_later(GRACE_SECONDS, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    _interrupt(signal.SIGTERM)


def _end_of_input() -> bool:
    """Whether standard input has ended; waits a moment for it."""
    try:
        if sys.platform == "win32":  # select takes no pipes there
            return not os.read(0, 1024)
        return bool(select.select([0], [], [], LOOK_SECONDS)[0]) and not os.read(0, 1024)
    except OSError:  # it was closed
        return True


def _interrupt(number: int) -> None:
    """Send a signal to the main thread, and interrupt it where it waits."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        signal.raise_signal(number)
