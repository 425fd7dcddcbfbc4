"""Delays signals during calls of llama.cpp: an exception inside its log callback would be printed and lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def held_back() -> Iterator[None]:
    """Delay Ctrl-C and other signals that Python handles until the block has ended.

    Without effect outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[tuple[int, Any]] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}
    handled = [number for number in SIGNALS if callable(before[number])]  # at the others the system ends the process
    for number in handled:
        signal.signal(number, lambda *arguments: received.append(arguments))
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])
        for caught, frame in received[:1]:
            handler = before[signal.Signals(caught)]
            assert callable(handler)
            handler(caught, frame)
