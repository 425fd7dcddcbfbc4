"""Executor `local`: one worker, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from icon.errors import ExecutorError
from icon.pipeline.executors.options import LocalOptions
from icon.pipeline.executors.worker import Worker
from icon.plugins import Block, DescribedModel, PartResult, PartTask, WorkerSettings


class LocalExecutor:
    """Measures in this process, by a worker as every executor has them.

    A run without an executor does the same with the model that it opens itself: `icon.pipeline.executors.driving.Here`.

    Args:
        options: Its options.
    """

    elsewhere = False

    def __init__(self, options: LocalOptions) -> None:
        self.options = options
        self.notes: Sequence[str] = ()
        self._worker: Worker | None = None

    def open(self, settings: WorkerSettings) -> None:
        """Build the worker; its model is opened at first use."""
        self._worker = Worker(settings, "local")

    def describe(self) -> DescribedModel:
        """The model; see `icon.plugins.Executor.describe`."""
        return self._own.describe()

    def confirm(self, model: str) -> None:
        """Take the record of the model."""
        self._own.confirm(model)

    def measure(self, block: Block, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        """Carry out tasks one after the other."""
        for task in tasks:
            yield self._own.measure(block, task)

    def close(self) -> None:
        """Free the model."""
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.close()

    @property
    def _own(self) -> Worker:
        if self._worker is None:
            raise ExecutorError("executor local: it is not open; valid: open it first, and not after close")
        return self._worker
