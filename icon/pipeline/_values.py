"""Measuring very many candidates by a scorer without a model: as columns, not as one record per candidate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from icon.pipeline.measuring import Plan, Share, label_of
from icon.plugins import ScoringTask, StageProgressed
from icon.runs.value_parts import values_bytes
from icon.runs.work import Work
from icon.samples.pool_samples import PoolSamples
from icon.types import Measurement


class ValueScorer(Protocol):
    """A scorer without a model that gives the values of many candidates at once."""

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Take the task."""
        ...

    def values_of(self, candidates: PoolSamples) -> NDArray[np.float64]:
        """The finite value of each candidate, in their order; shape (candidates,)."""
        ...


def has_values(scorer: object) -> TypeGuard[ValueScorer]:
    """Whether a scorer gives them; a class that changes `value_of` alone does not."""
    return {"value_of", "values_of"} <= vars(type(scorer)).keys()


def measure_values(
    work: Work,
    scorer: ValueScorer,
    candidates: PoolSamples,
    plan: Plan,
    finished: Collection[str],
    share: Share,
) -> None:
    """Measure the unfinished parts of a share, and store each; the pool is passed over once at most.

    Args:
        work: The scorer's work.
        scorer: The scorer.
        candidates: Whom to measure, in the order of the parts.
        plan: The same in parts.
        finished: Labels of the parts that are stored.
        share: The parts that this process measures.
    """
    run, store = work.run, work.store()
    starts = [0, *accumulate(len(part) for part in plan.parts)]
    pending = [n for n in range(len(plan.parts)) if share.holds(n) and label_of(n) not in finished]
    numbers = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in pending])
    done = len(candidates) - len(numbers)
    run.begin_measuring()
    with run.timed(f"scoring: {work.name}", total=len(candidates), done=done):
        scorer.prepare(work.task(()), ())
        values = scorer.values_of(candidates.take(numbers))
        for n in pending:
            ids = candidates[starts[n] : starts[n + 1]].ids
            data = values_bytes(label_of(n), store.fingerprint, ids, values[: len(ids)])
            run.presence.check()
            store.put(label_of(n), data)
            values, done = values[len(ids) :], done + len(ids)
            run.emit(StageProgressed(done, len(candidates)))
            if run.watch.is_due:
                run.save()
