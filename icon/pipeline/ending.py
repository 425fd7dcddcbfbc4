"""How a process of icon ends before its time: on SIGTERM and SIGHUP as on Ctrl-C, and with the process it works for."""

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

PARENT = "ICON_PARENT_PROCESS"
"""Environment variable by which a process that was started for a run knows whose it is."""

GRACE_SECONDS = 30
"""How long a process whose parent has gone may take to put away what it holds."""


class Terminated(KeyboardInterrupt):
    """A signal to end came: what is finished is kept, and nothing more is begun, no choice either.

    Args:
        number: The signal's number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_raise() -> Iterator[list[int]]:
    """Within it SIGTERM and SIGHUP raise `Terminated` in the main thread, once; one that is ignored (nohup) stays so.

    Yields:
        The number of the signal that came, once one did.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def end(number: int, _frame: Any) -> None:
        if not came:  # what puts things away is not to be interrupted again
            came.append(number)
            raise Terminated(number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    taken = [each for each in SIGNALS if before[each] == signal.SIG_DFL]
    for each in taken:
        signal.signal(each, end)
    try:
        yield came
    finally:
        for each in taken:
            signal.signal(each, before[each])


def end_with_parent() -> None:
    """In a process that was started for a run: end when the run's own process has gone, however that ended.

    Its standard input is a pipe that only that process holds open.
    """
    if PARENT in os.environ:
        threading.Thread(target=_end_at_end_of_input, daemon=True).start()


def orphaned() -> bool:
    """Whether this process was started for a run whose own process has gone."""
    return PARENT in os.environ and os.environ[PARENT] != str(os.getppid())


def _end_at_end_of_input() -> None:
    while sys.stdin is not None and os.read(sys.stdin.fileno(), 1024):
        pass
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGTERM)  # wakes it where it waits
    else:
        signal.raise_signal(signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(128 + signal.SIGTERM)  # parts are whole or not there
