"""The actor: a worker of icon in a process that Ray starts where there is room for it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from icon.pipeline.executors.failing import Failure, attempt
from icon.pipeline.executors.worker import Worker
from icon_ray.store import Store

if TYPE_CHECKING:
    from icon.plugins import Block, DescribedModel, PartResult, PartTask, WorkerSettings


class WorkerActor:
    """A worker on the node where this process runs.

    Args:
        settings: What the worker is built from.
        store: Where it keeps finished parts; None for nowhere but in its answers.
    """

    def __init__(self, settings: WorkerSettings, store: str | None) -> None:
        self.name = f"{socket.gethostname()}/{os.getpid()}"
        self._worker = attempt(lambda: Worker(settings, self.name))
        self._store = None if store is None else attempt(lambda: Store(store))
        self._block: tuple[str, Block] | None = None

    def hello(self) -> str:
        """Its name, as node and process."""
        return self.name

    def describe(self) -> DescribedModel | Failure:
        """The model that it opened, or the reason why it could not."""
        for part in (self._worker, self._store):
            if isinstance(part, Failure):
                return part
        return attempt(self._opened().describe)

    def confirm(self, model: str) -> Failure | None:
        """Compare its model with the one that run.json records."""
        return attempt(lambda: self._opened().confirm(model))

    def measure(self, block: list[Any], task: PartTask) -> PartResult | Failure:
        """Measure a task.

        Args:
            block: The reference of the block in Ray's object store, in a list, so that Ray hands on the reference.
            task: The task.
        """
        return attempt(lambda: self._measured(self._block_of(block[0]), task))

    def close(self) -> None:
        """Free the model."""
        if isinstance(self._worker, Worker):
            self._worker.close()

    def _measured(self, block: Block, task: PartTask) -> PartResult:
        result = self._opened().measure(block, task)
        if isinstance(self._store, Store) and result.data and block.fingerprint:
            self._store.put(block, task.label, result.data)
        return result

    def _opened(self) -> Worker:
        assert isinstance(self._worker, Worker)  # the driver gives tasks to those who said so
        return self._worker

    def _block_of(self, reference: Any) -> Block:
        """The block of that reference, fetched once."""
        import ray

        if self._block is None or self._block[0] != reference.hex():
            self._block = reference.hex(), ray.get(reference)
        return self._block[1]
