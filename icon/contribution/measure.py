"""Measures a plan part by part, keeping what is finished: the loop that costs all the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from icon.contribution.plan import Plan
from icon.errors import PluginError
from icon.protocols import ContributionScorer, Executor, ScoringTask
from icon.types import Measurement, Sample

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Share:
    """The parts that one of several processes measures: those whose number is `index` modulo `count`."""

    index: int = 0
    count: int = 1

    def holds(self, number: int) -> bool:
        """Whether the part of that number belongs to it."""
        return number % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


WHOLE = Share()


def _alone() -> None:
    """No other process to wake."""


class Store(Protocol):
    """Keeps finished parts by label."""

    def write(self, label: str, measurements: Sequence[Measurement]) -> object:
        """Keep a part for good."""
        ...


def label_of(number: int) -> str:
    """Label of a plan's part."""
    return f"{number:06d}"


def is_finished(plan: Plan, finished: Mapping[str, Sequence[Measurement]], share: Share = WHOLE) -> bool:
    """Whether every part of the plan's share is there."""
    return all(label_of(number) in finished for number in range(len(plan.parts)) if share.holds(number))


def measure_plan(
    plan: Plan,
    scorer: ContributionScorer,
    task: ScoringTask,
    executor: Executor,
    store: Store,
    finished: dict[str, list[Measurement]],
    on_candidate: Callable[[Sample], None],
    share: Share = WHOLE,
    on_shared: Callable[[], None] = _alone,
) -> dict[str, list[Measurement]]:
    """Measure the parts that are not finished yet and keep each as it comes.

    Args:
        plan: The candidates, in parts.
        scorer: Measures them.
        task: What it measures them with.
        executor: Where.
        store: Keeps the parts.
        finished: Parts an earlier start of this run kept, by label.
        on_candidate: Called after each candidate.
        share: Which parts are this process's to measure.
        on_shared: Called once the measurements that all candidates share are kept.

    Returns:
        The parts that were there and those measured now by label, the shared one included.
    """
    parts = dict(finished)
    pending = [(label_of(n), part) for n, part in enumerate(plan.parts) if share.holds(n) and label_of(n) not in parts]
    if not pending:
        return parts
    shared = scorer.prepare(task, parts.get(SHARED, []))
    if shared and SHARED not in parts:
        store.write(SHARED, shared)
        parts[SHARED] = shared
    on_shared()

    def work(pending_part: tuple[str, tuple[Sample, ...]]) -> list[Measurement]:
        return _measure_part(pending_part[1], scorer, on_candidate)

    for (label, _), measurements in executor.run(work, pending):
        store.write(label, measurements)
        parts[label] = measurements
    return parts


def _measure_part(
    candidates: Sequence[Sample], scorer: ContributionScorer, on_candidate: Callable[[Sample], None]
) -> list[Measurement]:
    found: list[Measurement] = []
    measured = scorer.measure(candidates)
    for candidate in candidates:
        rows = next(measured, [])
        if not rows or any(each.candidate != candidate.id for each in rows):
            name = type(scorer).__name__
            raise PluginError(
                f"scorer {name} did not measure candidate {candidate.id}; it must yield one list each, in order"
            )
        found.extend(rows)
        on_candidate(candidate)
    return found
