"""The executor `ray`: whoever of the actors is free takes the next task."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ray

from icon.errors import ExecutorError
from icon.pipeline.executors.assigning import Assignments
from icon.pipeline.executors.failing import Failure
from icon_ray.actor import WorkerActor
from icon_ray.cluster import Cluster
from icon_ray.crew import Crew, Member
from icon_ray.options import RayOptions
from icon_ray.room import how_many, needs_of
from icon_ray.store import Kept, Store

if TYPE_CHECKING:
    from icon.plugins import Block, DescribedModel, PartResult, PartTask, WorkerSettings


class RayExecutor:
    """Measures the parts of a run by actors of Ray; see `icon.plugins.Executor`.

    Args:
        options: Which cluster, and what each worker needs of it.
    """

    def __init__(self, options: RayOptions) -> None:
        self.options = options
        self.elsewhere = options.address != "local"
        self.notes: list[str] = []
        self._cluster: Cluster | None = None
        self._crew: Crew | None = None
        self._settings: WorkerSettings | None = None
        self._store: Store | None = None
        self._needs: dict[str, Any] = {}
        self._put: tuple[Block, Any] | None = None

    @property
    def members(self) -> Sequence[Member]:
        """The workers, as this process sees them."""
        return () if self._crew is None else self._crew.members

    def open(self, settings: WorkerSettings) -> None:
        """Join the cluster, or start one, and ask it for workers.

        Raises:
            ConfigError: Nobody listens at the address, no node has room for a worker, or the store cannot be opened.
            ExecutorError: Ray cannot be started.
        """
        self._settings = settings
        self._store = None if self.options.store is None else Store(self.options.store)
        self._cluster = Cluster(self.options)
        self._needs = needs_of(self.options)
        size = how_many(self.options, self._needs)
        self._crew = Crew(size, self._make, self.notes.append, self.options.wait)

    def describe(self) -> DescribedModel:
        """The model of the first worker that has one.

        Raises:
            IconError: Nobody could open it: the error of the first.
        """
        crew = self._opened()
        while True:
            for member in crew.members:
                if member.model is not None:
                    return member.model
            for _ in crew.answers():
                pass  # nothing was asked that is answered so

    def confirm(self, model: str) -> None:
        """Let every worker, and those that are started from now on, compare its model with that record."""
        assert self._settings is not None
        self._settings = replace(self._settings, model=model)
        crew = self._opened()
        for member in crew.members:
            crew.ask(member, "confirm", model)

    def measure(self, block: Block, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        """Measure the tasks; results come as they are finished.

        Raises:
            IconError: A task failed by that error.
            ExecutorError: Nobody is left, or several workers ended at one task.
        """
        crew, reference, kept = self._opened(), self._reference(block), Kept(self._store, block, tasks)
        yield from kept.first()
        work = Assignments(kept.others())
        crew.round += 1
        while True:
            self._give(crew, work, reference)
            yield from kept.found()
            if work.over:
                return
            for answer in crew.answers():
                key, now = answer.member.key, time.monotonic()
                if answer.died:
                    work.lose(key, answer.died, now)
                elif answer.round != crew.round:
                    continue  # of a call that was abandoned
                elif isinstance(answer.value, Failure):
                    raise answer.value.error(answer.member.name)
                elif work.finish(key, answer.about, now):
                    self._give(crew, work, reference)  # before the driver writes the part
                    yield answer.value

    def close(self) -> None:
        """End all workers, amid a task as well, and a Ray that was started here; safe to call twice."""
        crew, cluster = self._crew, self._cluster
        self._crew = self._cluster = self._put = None
        if crew is not None:
            crew.close()
        if cluster is not None:
            cluster.close()

    @staticmethod
    def _give(crew: Crew, work: Assignments, reference: Any) -> None:
        for member in crew.members:
            if member.is_free:
                task = work.take(member.key, time.monotonic())
                if task is None:
                    return
                crew.ask(member, "measure", [reference], task, about=task.label)

    def _reference(self, block: Block) -> Any:
        """The block in Ray's object store, from where each node takes it once."""
        if self._put is None or self._put[0] is not block:
            self._put = block, ray.put(block)
        return self._put[1]

    def _make(self) -> Any:
        assert self._settings is not None
        actor = ray.remote(WorkerActor).options(
            max_restarts=0,
            max_task_retries=0,
            runtime_env={"env_vars": dict(self._settings.environment)},
            **self._needs,
        )
        return actor.remote(self._settings, self.options.store)

    def _opened(self) -> Crew:
        if self._crew is None:
            raise ExecutorError("executor ray: it is not open")
        return self._crew
