"""Signals while llama.cpp works: what they raise inside its log callback would be printed and lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C back until the block has ended, and other signals that Python handles, and pass them on then.

    Without effect outside of the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, Any]] = []
    before = {each: signal.getsignal(each) for each in SIGNALS}
    handled = [each for each in SIGNALS if callable(before[each])]  # the system ends the process at others by itself
    for each in handled:
        signal.signal(each, lambda *arguments: came.append(arguments))
    try:
        yield
    finally:
        for each in handled:
            signal.signal(each, before[each])
        for number, frame in came[:1]:
            handler = before[signal.Signals(number)]
            assert callable(handler)
            handler(number, frame)
