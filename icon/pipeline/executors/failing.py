"""Errors of workers as plain records, which any process can read."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from icon import errors
from icon.errors import BadRowsError, ExecutorError, IconError, InputError

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that was raised in a worker.

    Attributes:
        kind: Name of its class; of an error of icon, the class of `icon.errors` that it is.
        message: Its message.
        trace: Its traceback as text.
        is_icon: Whether icon raised it on purpose, so that its message says what to do.
    """

    kind: str
    message: str
    trace: str
    is_icon: bool

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """The record of an error."""
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__]
        trace = "".join(traceback.format_exception(error))
        return cls(kinds[0] if kinds else type(error).__name__, str(error), trace, bool(kinds))

    @property
    def reason(self) -> str:
        """The error in one line."""
        text = " ".join(self.message.split())
        return text if self.is_icon else f"{self.kind}: {text}"

    def error(self, worker: str) -> IconError:
        """The error, of the same class where icon raised it, with the worker's name, if any, in front."""
        found: object = getattr(errors, self.kind, None) if self.is_icon else ExecutorError
        kind = found if isinstance(found, type) and issubclass(found, IconError) else ExecutorError
        if kind is BadRowsError:  # it is made of rows, not of a message
            kind = InputError
        what = self.message if self.is_icon else f"{self.kind}: {self.message}"
        return kind(f"worker {worker}: {what}" if worker else what)


def attempt(call: Callable[[], Found]) -> Found | Failure:
    """What the call returns, or the record of the error that it raises; Ctrl-C and the end of the process pass."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  it is raised where the run is
        return Failure.of(error)
