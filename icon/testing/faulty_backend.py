"""A backend that fails on request: it dies, hangs, or returns what its contract forbids."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, nan
from typing import Any, cast

from icon.errors import BackendError
from icon.testing._fake_backend import FakeBackend
from icon.types import BackendInfo, Status, Target, TokenLogProbs


class UnusualError(BaseException):
    """An exception that is no `Exception`, as `pytest.outcomes.Exit` and `trio.Cancelled` are none."""


def _raise(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


DEAD: dict[str, Callable[[], None]] = {
    "backend error": _raise(BackendError("the model failed, as asked for")),
    "os error": _raise(OSError(5, "Input/output error")),
    "memory error": _raise(MemoryError("out of memory, as asked for")),
    "key error": _raise(KeyError("a layer")),
    "unusual error": _raise(UnusualError("no Exception, as asked for")),
    "exit": _raise(SystemExit(0)),
    "leave": lambda: os._exit(0),
    "abort": os.abort,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
}
"""Ways to die in the middle of a call, by name."""

_Change = Callable[[TokenLogProbs], Any]

_FIRST: dict[str, _Change] = {
    "positive": lambda one: replace(one, logprobs=(0.5, *one.logprobs[1:])),
    "nan": lambda one: replace(one, logprobs=(nan, *one.logprobs[1:])),
    "infinite": lambda one: replace(one, logprobs=(inf, *one.logprobs[1:])),
    "minus infinite": lambda one: replace(one, logprobs=(-inf, *one.logprobs[1:])),
    "text": lambda one: replace(one, logprobs=cast("Any", ("-1.0", *one.logprobs[1:]))),
    "few numbers": lambda one: replace(one, logprobs=one.logprobs[1:]),
    "no numbers": lambda one: replace(one, logprobs=()),
    "few tokens": lambda one: TokenLogProbs(one.token_ids[1:], one.logprobs[1:]),
    "unknown status": lambda one: replace(one, status=cast("Any", "fine")),
    "status with numbers": lambda one: replace(one, status=Status.FAILED, reason="odd"),
    "status without a reason": lambda one: TokenLogProbs((), (), Status.FAILED),
    "none in a place": lambda one: None,
}

_ALL: dict[str, Callable[[list[TokenLogProbs]], Any]] = {
    "none": lambda results: None,
    "few results": lambda results: results[1:],
    "many results": lambda results: [*results, results[0]],
}

LYING = (*_FIRST, *_ALL)
"""Ways to break the contract of `score`, by name."""

FAULTS = (*DEAD, "hang", *LYING, "drift")
"""All faults. `drift` returns numbers that are possible, and others in each process."""


class FaultyBackend(FakeBackend):
    """The fake backend, sound until a given call of `score`, and faulty at it and after it.

    Args:
        fault: One of `FAULTS`; "" for none.
        at: The call that fails first, from 1; calls without targets do not count.
        seconds: How long a call hangs.

    Raises:
        ValueError: There is no such fault.
    """

    def __init__(self, fault: str = "", *, at: int = 1, seconds: float = 3600.0) -> None:
        super().__init__()
        if fault and fault not in FAULTS:
            raise ValueError(f"fault: found {fault!r}; valid: {', '.join(FAULTS)}")
        self._fault, self._at, self._seconds, self._calls = fault, at, seconds, 0

    def describe(self) -> BackendInfo:
        """Information that marks the backend as a fake; the fault is no part of it."""
        return super().describe()

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score the targets, or fail as asked for."""
        self._calls += bool(targets)
        if not targets or not self._fault or self._calls < self._at:
            return super().score(context, targets)
        if self._fault in DEAD:
            DEAD[self._fault]()
        if self._fault == "hang":
            time.sleep(self._seconds)
        return self._changed(super().score(context, targets))

    def _changed(self, results: list[TokenLogProbs]) -> list[TokenLogProbs]:
        """The results, no longer as the contract demands."""
        if self._fault in _FIRST:
            return [_FIRST[self._fault](results[0]), *results[1:]]
        if self._fault in _ALL:
            return cast("list[TokenLogProbs]", _ALL[self._fault](results))
        if self._fault == "drift":
            factor = 1.0 + (os.getpid() % 97 + 1) / 1000
            return [replace(one, logprobs=tuple(factor * number for number in one.logprobs)) for one in results]
        return results
