"""Keeps what a library prints in one thread off standard output, which other threads go on to use."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Hushed:
    """Stands for standard output; what the thread that made it writes is lost while `on`, all else passes.

    It may stay in its place, should another thread have put something else there meanwhile and put it back later.
    """

    def __init__(self, real: Any) -> None:
        self._real, self._thread, self.on = real, threading.get_ident(), True

    def write(self, text: str) -> int:
        if self.on and threading.get_ident() == self._thread:
            return len(text)
        return int(self._real.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def unheard() -> Iterator[None]:
    """Context in which nothing that this thread prints arrives: its words would stand among those of `--json`."""
    before, hushed = sys.stdout, _Hushed(sys.stdout)
    sys.stdout = hushed
    try:
        yield
    finally:
        hushed.on = False
        if sys.stdout is hushed:
            sys.stdout = before
