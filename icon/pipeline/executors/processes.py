"""Executor `processes`: one process per device of this machine, replaced where it dies."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from icon.errors import ExecutorError
from icon.pipeline.executors._process import Gone, Process
from icon.pipeline.executors.assigning import Assignments
from icon.pipeline.executors.failing import Failure
from icon.pipeline.executors.options import ProcessesOptions
from icon.plugins import Block, DescribedModel, PartResult, PartTask, WorkerSettings

DEATHS = 5
"""How often in a row a device may lose its process before it is given up: with no task finished in between."""

LOOK_SECONDS = 1.0
"""Time between two looks for tasks that take long."""


class ProcessesExecutor:
    """Measures in processes of this machine, one per device; each opens the model once.

    Args:
        options: The devices.
    """

    elsewhere = False

    def __init__(self, options: ProcessesOptions) -> None:
        self.notes: list[str] = []
        self._devices = _by_name(options.devices)
        self._settings: WorkerSettings | None = None
        self._processes: dict[str, Process] = {}
        self._replies: SimpleQueue[tuple[Process, Any]] = SimpleQueue()
        self._deaths: Counter[str] = Counter()
        self._faults: dict[str, Failure | str] = {}
        self._described: DescribedModel | None = None
        self._call = 0
        self._assignments = Assignments(())

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return [process.pid for process in self._processes.values()]

    def open(self, settings: WorkerSettings) -> None:
        """Start the processes, all of which begin to open the model."""
        self._settings = settings
        for name in self._devices:
            self._start(name)

    def describe(self) -> DescribedModel:
        """The model, as the first process that has opened it describes it; see `icon.plugins.Executor.describe`."""
        while self._described is None:
            self._next_result(None)
        return self._described

    def confirm(self, model: str) -> None:
        """Take the record of the model; every process compares its own with it before its first task."""
        assert self._settings is not None
        self._settings = replace(self._settings, model=model)
        for process in self._processes.values():
            process.ask("confirm", model)

    def measure(self, block: Block, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        """Carry out tasks; see `icon.plugins.Executor.measure`."""
        self._call += 1
        self._assignments = Assignments(tasks)
        while True:
            self._assign(block)
            if self._assignments.over:
                return
            name, result = self._next_result(LOOK_SECONDS)
            if result is not None and self._assignments.finish(name, result.label, time.monotonic()):
                self._assign(block)  # nobody is idle while the result is stored
                yield result

    def close(self) -> None:
        """End the processes; safe to call twice."""
        processes = list(self._processes.values())
        self._processes.clear()
        for process in processes:
            process.let_go()
        for process in processes:
            process.close()

    def _start(self, name: str) -> None:
        assert self._settings is not None
        settings = replace(self._settings, device=self._devices[name])
        self._processes[name] = Process(settings, name, lambda process, reply: self._replies.put((process, reply)))

    def _assign(self, block: Block) -> None:
        """Give every free process a task."""
        for name, process in self._processes.items():
            if process.asked:
                continue
            task = self._assignments.take(name, time.monotonic())
            if task is None:
                return
            process.measure(block, task, self._call)

    def _next_result(self, timeout: float | None) -> tuple[str, PartResult | None]:
        """Take one reply; the result and its worker where it is one of the present call.

        Raises:
            IconError: A task raised it, or no process is left.
        """
        try:
            process, reply = self._replies.get(timeout=timeout)
        except Empty:
            return "", None
        name = process.name
        if self._processes.get(name) is not process:  # of one that was replaced or ended
            return name, None
        if isinstance(reply, Gone):
            self._replace(process, process.how_it_ended())
            return name, None
        request = process.asked.popleft()
        if isinstance(reply, Failure):
            self._failed(process, request, reply)
        elif isinstance(reply, DescribedModel):
            self._described = self._described or reply
        elif isinstance(reply, PartResult):
            self._deaths[name] = 0
            return name, reply if process.call == self._call else None
        return name, None

    def _failed(self, process: Process, request: str, failure: Failure) -> None:
        """Follow up on an error in a process.

        Raises:
            IconError: A task of the present call raised it.
        """
        if request != "measure":
            self._give_up(process, failure, f"the worker on {process.name} cannot work: {failure.reason}")
        elif failure.is_icon:
            if process.call == self._call:
                raise failure.error(process.name)
        else:
            self._replace(process, failure.reason)

    def _replace(self, process: Process, reason: str) -> None:
        """Start another process in the place of one that was lost, unless that happens again and again."""
        name = process.name
        if process.call == self._call:
            self._assignments.lose(name, reason, time.monotonic())
        self._deaths[name] += 1
        if self._deaths[name] >= DEATHS:
            self._give_up(process, reason, f"the worker on {name} {reason}; it was lost {DEATHS} times in a row")
            return
        self.notes.append(f"the worker on {name} {reason}; another one took its place, and its part was measured anew")
        process.close()
        self._start(name)

    def _give_up(self, process: Process, fault: Failure | str, note: str) -> None:
        """Go on without a device.

        Raises:
            IconError: It was the last one.
        """
        del self._processes[process.name]
        process.close()
        self._faults[process.name] = fault
        if self._processes:
            self.notes.append(f"{note}; the others go on without it")
            return
        first, fault = next(iter(self._faults.items()))
        if isinstance(fault, Failure):
            raise fault.error(first)
        lines = [f"{name} {one.reason if isinstance(one, Failure) else one}" for name, one in self._faults.items()]
        raise ExecutorError(f"executor processes: no worker is left: {'; '.join(lines)}")


def _by_name(devices: Sequence[str]) -> dict[str, str]:
    """The devices by the names of their workers, numbered where a device is named several times."""
    total, seen, names = Counter(devices), Counter[str](), {}
    for device in devices:
        seen[device] += 1
        names[f"{device} ({seen[device]})" if total[device] > 1 else device] = device
    return names
