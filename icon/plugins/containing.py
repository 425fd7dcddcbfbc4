"""Bounds what a plugin's code does to the process: it may raise anything, and it cannot leave the process."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Any, NoReturn, Self

LEAVING = {name: getattr(os, name) for name in ("_exit", "abort", "execv", "execve") if hasattr(os, name)}
"""The functions that end or replace this process at once; Python's others end in one of them."""


class EscapedError(Exception):
    """What a plugin raised although no exception handler is meant to see it, or its attempt to end the process.

    Args:
        kind: Name of what it raised, or the function that it called.
        text: The message.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class _Running(threading.local):
    """What this thread contains now.

    Attributes:
        processes: The process of each context that this thread is in, the outermost first; a fork copies them.
    """

    processes: tuple[int, ...] = ()


class contained:
    """Context for a plugin's code: whatever it raises is an `Exception`, and it does not end the process.

    Ctrl-C passes. A process that the code forks may end as it likes, and so may other threads of this one end it, such
    as the watchdog of a cluster.

    Raises:
        EscapedError: The code raised `SystemExit` or another exception that is no `Exception`, or called `os._exit`.
    """

    def __enter__(self) -> Self:
        _refuse(+1)
        _running.processes = (*_running.processes, os.getpid())
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _running.processes = _running.processes[:-1]
        _refuse(-1)
        if error is None or isinstance(error, Exception | KeyboardInterrupt):
            return
        kind = error.function if isinstance(error, _LeavingError) else type(error).__name__
        raise EscapedError(kind, str(error)).with_traceback(trace) from error


def kind_of(error: BaseException) -> str:
    """Name of an exception for a message."""
    return error.kind if isinstance(error, EscapedError) else type(error).__name__


class _LeavingError(BaseException):
    """A plugin called a function that would have ended the process without a word."""

    def __init__(self, function: str, arguments: tuple[Any, ...]) -> None:
        given = ", ".join(map(repr, arguments))
        super().__init__(f"{function}({given[:60]}) would end icon without a word; raise an exception")
        self.function = function


class _Refusing:
    """In the place of a function of `os` that leaves the process; refuses it to code that its thread contains."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: Any) -> NoReturn:
        if os.getpid() in _running.processes:
            raise _LeavingError(f"os.{self._name}", arguments)
        LEAVING[self._name](*arguments)
        raise AssertionError("unreachable")


class _Count:
    """How many contexts the threads of this process are in; a lock lets one thread at a time change it."""

    def __init__(self) -> None:
        self.n = 0
        self.unlock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.unlock)  # a thread that held it is not in the child

    def unlock(self) -> None:
        self.lock = threading.RLock()


_running, _count = _Running(), _Count()


def _refuse(more: int) -> None:
    """Put the refusing functions in place for the first context, and take them away after the last."""
    with _count.lock:
        before, _count.n = _count.n, _count.n + more
        if bool(before) != bool(_count.n):
            for name, function in LEAVING.items():
                setattr(os, name, _REFUSING[name] if _count.n else function)


_REFUSING = {name: _Refusing(name) for name in LEAVING}
