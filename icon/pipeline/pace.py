"""Keeps a race within its budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from icon.budget import Budget, Meter
from icon.contribution.cost import Cost, Costs
from icon.contribution.measure import label_of
from icon.contribution.plan import Plan
from icon.contribution.racing import Ended, Slice
from icon.types import Sample


class Pace:
    """Counts what a race spends, and says when it is over.

    Args:
        budget: What it may spend; None for no end.
        started: When the command began, on the clock of `time.perf_counter`.
        costs: Gives what counts the tokens of a piece of work; asked only where there is a budget.
        reserve: Seconds of a time that are kept back.
    """

    def __init__(self, budget: Budget | None, started: float, costs: Callable[[], Costs], reserve: float = 2.0) -> None:
        self.meter = Meter(budget, started, reserve)
        self.stopped: Ended | None = None
        self.asked = Cost()
        self._costs = costs
        self._part: Slice | None = None
        self._clock = time.perf_counter()
        self._shared_is_due = False
        self._shared = Cost()

    @cached_property
    def costs(self) -> Costs:
        """What pieces cost; the model that counts tokens is opened when this is first asked."""
        return self._costs()

    def begin(self, part: Slice, plan: Plan, finished: Mapping[str, object]) -> None:
        """A slice begins, of which some parts may be finished."""
        self._part = part
        self._shared_is_due = True
        if self.meter.budget is None:
            return
        self._shared = self.costs.shared(part.candidates, part.samples)
        for number, candidates in enumerate(plan.parts):
            if label_of(number) in finished:
                self._count(candidates, None)
        self._clock = time.perf_counter()  # counting tokens, and opening the model for it, is no scoring

    def allows(self, candidates: Sequence[Sample]) -> bool:
        """Whether these candidates still fit into the budget, on the slice's samples."""
        if self.meter.budget is None:
            return True
        self.asked = cost = self._cost(candidates)
        if self.meter.fits(cost.tokens, cost.passes):
            return True
        self.stopped = "budget"
        return False

    def done(self, candidates: Sequence[Sample]) -> None:
        """They are measured."""
        if self.meter.budget is not None:
            now = time.perf_counter()
            self._count(candidates, now - self._clock)
            self._clock = now

    def _count(self, candidates: Sequence[Sample], seconds: float | None) -> None:
        cost = self._cost(candidates)
        self.meter.count(cost.tokens, cost.passes, seconds)
        self._shared_is_due = False

    def _cost(self, candidates: Sequence[Sample]) -> Cost:
        part = self._part
        assert part is not None
        cost = self.costs.pairs(candidates, part.samples)
        return cost + self._shared if self._shared_is_due else cost
