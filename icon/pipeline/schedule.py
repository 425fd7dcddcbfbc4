"""Which pairs a run measures, the rules of its race, and the pace that keeps it within its budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Literal

from icon.assessment.draw import stratified_draw
from icon.config import RunConfig
from icon.errors import ConfigError
from icon.pipeline.measuring import Plan, label_of
from icon.plugins import ContributionScorer
from icon.scorers.cost import Cost, Costs
from icon.scorers.racing import FIRST, Ended, Rules, Slice
from icon.types import Budget, Meter, Sample

RACE_FROM = 32
"""The smallest assessment set that is raced unless asked for: below it there is little to save."""

OF_A_RACE = ("capture", "confidence", "order")
"""Settings that say how a race, or one without stops, goes and ends."""


def schedule_of(config: RunConfig, scorer: ContributionScorer, n_samples: int) -> Literal["race", "uniform", "exact"]:
    """The schedule by name; left open, a race where the score is a mean over enough assessment samples.

    Raises:
        ConfigError: The scorer cannot be measured on a part of the assessment set, or is to be measured on all of it
            within a budget.
    """
    asked, able = config.schedule, getattr(scorer, "mean_of_column", False) and scorer.needs_assessment
    if asked == "auto":
        asked = "race" if able and (n_samples >= RACE_FROM or config.budget) else "exact"
    if asked != "exact" and not able:
        raise ConfigError(
            f"schedule {asked}: the scorer {config.scorer} with these options gives no mean over assessment samples; "
            "valid: --schedule exact"
        )
    if asked == "exact" and config.budget:
        other = "--schedule race or uniform, or no --budget" if able else f"no --budget with the scorer {config.scorer}"
        raise ConfigError(f"budget: schedule exact measures every pair; valid: {other}")
    if config.order == "informative" and config.budget:
        raise ConfigError(
            "order informative: it measures 16 candidates on every assessment sample first, which a budget may not "
            "reach; valid: --order stratified, or no --budget"
        )
    return asked


def rules_of(config: RunConfig, schedule: str, n_scored: int, n_candidates: int) -> Rules:
    """The rules of the race that these settings ask for.

    Args:
        config: The run's settings.
        schedule: race or uniform.
        n_scored: How many candidates race.
        n_candidates: How many the pool has; a count to keep is a share of these.
    """
    keep = config.keep_amount
    return Rules(
        keep=keep.of(n_scored) if n_scored == n_candidates else max(1, round(keep.as_share(n_candidates) * n_scored)),
        first=1 if config.budget else FIRST,
        capture=config.capture,
        confidence=config.confidence,
        stops=schedule == "race",
        seed=config.seed,
        informative=config.order == "informative",
    )


def in_race_order(assessment: Sequence[Sample], seed: int) -> list[Sample]:
    """The assessment set as a race goes through it: any beginning is a random draw, stratified by task group."""
    return stratified_draw(assessment, None, seed, lambda sample: sample.group or "")


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
