"""Early ends of a process: on SIGTERM and SIGHUP as on Ctrl-C, and of a worker when its parent has ended."""

from __future__ import annotations

import os
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

GRACE_SECONDS = 30
"""How long a worker whose parent has ended may take to clean up."""


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
        yield received
    finally:
        for number in taken:
            signal.signal(number, before[number])


def end_with_parent() -> None:
    """Let a worker end when its parent has ended, however that happened; a no-op in other processes.

    Its standard input is a pipe that only the parent holds open.
    """
    if PARENT in os.environ:
        threading.Thread(target=_end_at_end_of_input, daemon=True).start()


def orphaned() -> bool:
    """Whether this process is a worker whose parent has ended."""
    return PARENT in os.environ and os.environ[PARENT] != str(os.getppid())


def _end_at_end_of_input() -> None:
    while sys.stdin is not None and os.read(sys.stdin.fileno(), 1024):
        pass
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGTERM)  # interrupts it where it waits
    else:
        signal.raise_signal(signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(128 + signal.SIGTERM)  # safe at any time: parts are written atomically
