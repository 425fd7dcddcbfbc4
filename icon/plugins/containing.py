"""Bounds what a plugin's code does to the process: it may raise anything, and it cannot leave the process."""

from __future__ import annotations

import os
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


class contained:
    """Context for a plugin's code: whatever it raises is an `Exception`, and it does not end the process.

    Ctrl-C passes. A process that the code forks may end as it likes.

    Raises:
        EscapedError: The code raised `SystemExit` or another exception that is no `Exception`, or called `os._exit`.
    """

    _depth = 0

    def __enter__(self) -> Self:
        if contained._depth == 0:
            for name in LEAVING:
                setattr(os, name, _Refusing(name))
        contained._depth += 1
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        contained._depth -= 1
        if contained._depth == 0:
            for name, function in LEAVING.items():
                setattr(os, name, function)
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
    """In the place of a function of `os` that leaves the process."""

    def __init__(self, name: str) -> None:
        self._name, self._process = name, os.getpid()

    def __call__(self, *arguments: Any) -> NoReturn:
        if contained._depth and os.getpid() == self._process:
            raise _LeavingError(f"os.{self._name}", arguments)
        LEAVING[self._name](*arguments)
        raise AssertionError("unreachable")
