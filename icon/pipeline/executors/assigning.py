"""Which worker does what next: tasks are small and taken by whoever is free, and nobody owns a share."""

from __future__ import annotations

from bisect import insort
from collections import Counter, deque
from collections.abc import Iterable

from icon.errors import ExecutorError
from icon.plugins import PartTask

ATTEMPTS = 5
"""With how many workers a task may be lost before it counts as their cause."""

SLOW = 4.0
"""How many times the median of the finished tasks one may take before a worker that is free does it as well."""

FEWEST = 3
"""Finished tasks from which their median is used."""


class Assignments:
    """The tasks of one block and who does them; it knows no process and no clock.

    Args:
        tasks: The tasks, asked for one by one.
        attempts: With how many workers a task may be lost.
        slow: See `SLOW`.
    """

    def __init__(self, tasks: Iterable[PartTask], *, attempts: int = ATTEMPTS, slow: float = SLOW) -> None:
        self._tasks = iter(tasks)
        self._attempts, self._slow = attempts, slow
        self._all_given = False
        self._back: deque[PartTask] = deque()
        self._running: dict[str, tuple[PartTask, float]] = {}
        self._finished: set[str] = set()
        self._seconds: list[float] = []
        self._lost: dict[str, list[str]] = {}

    @property
    def over(self) -> bool:
        """Whether every task is finished; it is known once a worker has asked for a task and there was none."""
        return self._all_given and not self._back and not self._unfinished()

    def running(self) -> dict[str, PartTask]:
        """The task of each worker that has one."""
        return {worker: task for worker, (task, _) in self._running.items()}

    def take(self, worker: str, now: float) -> PartTask | None:
        """The task that a free worker does next; None where there is none for it now.

        That is one that came back from a lost worker, else the next one, else a second copy of the one that has taken
        longest, where that is `slow` times the median or more.

        Args:
            worker: Name of the worker.
            now: Seconds on any clock.
        """
        task = self._back.popleft() if self._back else self._next() or self._slowest(now)
        if task is not None:
            self._running[worker] = task, now
        return task

    def finish(self, worker: str, label: str, now: float) -> bool:
        """Note the result of a task; False where that of another worker came first, and this one is dropped."""
        _, since = self._running.pop(worker)
        if label in self._finished:
            return False
        self._finished.add(label)
        insort(self._seconds, now - since)
        return True

    def lose(self, worker: str, reason: str, now: float) -> None:
        """Note that a worker is lost; the task that it had comes first.

        Raises:
            ExecutorError: The task was lost with several workers.
        """
        if worker not in self._running:
            return
        task, _ = self._running.pop(worker)
        if task.label in self._finished:
            return
        reasons = self._lost.setdefault(task.label, [])
        reasons.append(f"{worker}: {reason}")
        if len(reasons) >= self._attempts:
            ids = ", ".join(candidate.id for candidate in task.candidates[:3])
            of = f" (candidates {ids}{', ...' if len(task.candidates) > 3 else ''})" if ids else ""
            raise ExecutorError(
                f"part {task.label}{of} was lost with {len(reasons)} workers, one after the other: "
                f"{'; '.join(dict.fromkeys(reasons))}"
            )
        if task.label not in self._unfinished():
            self._back.append(task)

    def _next(self) -> PartTask | None:
        task = next(self._tasks, None)
        self._all_given = task is None
        return task

    def _unfinished(self) -> list[str]:
        """Labels of the tasks that workers have and that nobody has finished."""
        return [task.label for task, _ in self._running.values() if task.label not in self._finished]

    def _slowest(self, now: float) -> PartTask | None:
        """The task that has taken longest, where it is slow and one worker alone has it."""
        if len(self._seconds) < FEWEST:
            return None
        workers = Counter(self._unfinished())  # 1,000 workers ask at the end of each slice
        alone = [(since, task) for task, since in self._running.values() if workers[task.label] == 1]
        if not alone:
            return None
        since, task = min(alone, key=lambda one: one[0])
        return task if now - since > self._slow * self._seconds[len(self._seconds) // 2] else None
