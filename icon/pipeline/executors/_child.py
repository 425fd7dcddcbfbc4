"""The process of a worker of the executor `processes`: requests on its standard input, replies where its output was."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO

from icon.pipeline.ending import Terminated, end_soon, signals_raise, watch_parent
from icon.pipeline.executors.failing import Failure, attempt
from icon.pipeline.executors.worker import Worker
from icon.plugins import Block, PartTask

Request = tuple[str, tuple[Any, ...]]
"""Name of a request and its arguments; see `_Served`."""


class _Served:
    """The worker, and the block that is being measured.

    A worker that cannot be built gives its failure as the reply to everything.
    """

    def __init__(self) -> None:
        self._worker: Worker | Failure | None = None
        self._block: Block | None = None

    def carry_out(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """The reply to a request; None for one that has none."""
        if name == "block":
            (self._block,) = arguments
            return None
        if name == "build":
            self._worker = attempt(lambda: Worker(*arguments))
            return None
        worker = self._worker
        assert worker is not None  # the first request builds it
        if isinstance(worker, Failure):
            return worker
        if name == "measure":
            return attempt(lambda: worker.measure(*self._task(*arguments)))
        return attempt(lambda: getattr(worker, name)(*arguments))

    def _task(self, task: PartTask) -> tuple[Block, PartTask]:
        assert self._block is not None  # it comes before the first task
        return self._block, task

    def close(self) -> None:
        """Free the model."""
        if isinstance(self._worker, Worker):
            self._worker.close()


NO_REPLY = ("block", "build")
"""Requests without a reply."""


def main() -> None:
    """Serve the process that started this one until it closes the pipe or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the process of the run decides
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no reply
    requests: SimpleQueue[Request | None] = SimpleQueue()
    served = _Served()
    with signals_raise(), suppress(Terminated, BrokenPipeError):
        threading.Thread(target=_read, args=(sys.stdin.buffer, requests), daemon=True).start()
        threading.Thread(target=watch_parent, daemon=True).start()
        while (request := requests.get()) is not None:
            reply = served.carry_out(*request)
            if request[0] not in NO_REPLY:
                replies.write(pickle.dumps(reply))
                replies.flush()
    served.close()


def _read(source: BinaryIO, requests: SimpleQueue[Request | None]) -> None:
    """Take requests as they come, so that the other process never waits to be rid of one."""
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            requests.put(pickle.load(source))
    requests.put(None)
    end_soon()  # it may be amid a task


if __name__ == "__main__":
    main()
