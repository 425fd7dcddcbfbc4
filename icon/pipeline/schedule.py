"""The schedule of a run: exact or raced, the rules of its race, and the meter of its budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Literal

from icon.assessment.draw import stratified_draw
from icon.config import RunConfig
from icon.errors import ConfigError
from icon.inference.watching import Watched
from icon.pipeline.measuring import Plan, label_of
from icon.plugins import ContextScorer, ContributionScorer
from icon.scorers.cost import Cost, Costs
from icon.scorers.lengths import how_of
from icon.scorers.racing import FIRST, FIRST_LOOK, Ended, Leaving, Rules, Slice
from icon.types import Budget, Meter, Sample, part_of

RACE_FROM = 32
"""The smallest assessment set that is raced by default: below it there is little to save."""

LIKELY_UP_TO = 0.95
"""Up to which capture candidates rest once they are likely to be on their side."""

OF_A_RACE = ("capture", "confidence", "order")
"""Settings that have an effect only in a race, uniform ones included."""


def schedule_of(config: RunConfig, scorer: ContributionScorer, n_samples: int) -> Literal["race", "uniform", "exact"]:
    """The name of the schedule; `auto` is a race where the score is a mean over enough assessment samples.

    Raises:
        ConfigError: A race of a scorer that cannot be measured on a part of the assessment set or of ranks within
            strata of length, or a budget for exact measuring.
    """
    schedule, is_mean = config.schedule, getattr(scorer, "mean_of_column", False) and scorer.needs_assessment
    strata = how_of(config, scorer) == "strata"
    if schedule == "auto":
        schedule = "race" if is_mean and not strata and (n_samples >= RACE_FROM or config.budget) else "exact"
    if schedule != "exact" and strata:
        raise ConfigError(
            f"schedule {schedule} and equal_length strata: a rank within a stratum is no mean over assessment samples, "
            "which a race needs; valid: --schedule exact, or --equal-length regress"
        )
    if schedule != "exact" and not is_mean:
        raise ConfigError(
            f"schedule {schedule}: the scorer {config.scorer} with these options is not a mean over assessment "
            "samples; valid: --schedule exact"
        )
    if schedule == "exact" and config.budget:
        other = (
            "--schedule race or uniform, or no --budget" if is_mean else f"no --budget with the scorer {config.scorer}"
        )
        raise ConfigError(f"budget: schedule exact measures every pair; valid: {other}")
    if config.order == "informative" and config.budget:
        raise ConfigError(
            "order informative: it measures 16 candidates on every assessment sample first, which a budget may not "
            "reach; valid: --order stratified, or no --budget"
        )
    return schedule


def rules_of(
    config: RunConfig,
    schedule: str,
    n_scored: int,
    n_candidates: int,
    first: int = FIRST,
    leaving: Leaving | None = None,
    fewest: int = 1,
    *,
    narrowed: bool = False,
) -> Rules:
    """The rules of a race with these settings.

    Args:
        config: The run's settings.
        schedule: race or uniform.
        n_scored: Number of candidates in the race.
        n_candidates: Number of candidates in the pool, of which a count to keep is a share.
        first: Most assessment samples of the first slice, where there is no budget.
        leaving: When candidates leave; by default where they are likely to be on their side of the cut, or with a
            capture above `LIKELY_UP_TO`, which asks for more than that leaves known, where they are decided.
        fewest: Fewest assessment samples of a slice, in a race without a budget whose candidates leave when decided.
        narrowed: Whether those in the race are the best of the pool by a cheap score: as many of them are then wanted
            as are kept of the pool, not the same share of them.
    """
    keep = config.keep_amount
    share = max(1, part_of(keep.as_share(n_candidates), n_scored))
    whole = narrowed or n_scored == n_candidates
    leaving = leaving or ("likely" if schedule == "race" and config.capture <= LIKELY_UP_TO else "certain")
    first = min(first, FIRST_LOOK) if leaving == "likely" else first
    return Rules(
        keep=min(n_scored, keep.of(n_candidates)) if whole else share,
        first=1 if config.budget else first,
        capture=config.capture,
        confidence=config.confidence,
        stops=schedule == "race",
        seed=config.seed,
        informative=config.order == "informative",
        leaving=leaving,
        fewest=fewest if schedule == "race" and leaving == "certain" and not config.budget else 1,
    )


def in_race_order(assessment: Sequence[Sample], seed: int) -> list[Sample]:
    """The assessment set in the order of a race: every prefix is a random draw, stratified by task group."""
    return stratified_draw(assessment, None, seed, lambda sample: sample.group or "")


def samples_of(scorer: ContributionScorer, assessment: Sequence[Sample], seed: int) -> Sequence[Sample]:
    """The assessment samples that a scorer is measured on: all, or the first ones of a race's order."""
    if isinstance(scorer, ContextScorer):
        return in_race_order(assessment, seed)[: scorer.most_samples]
    return assessment


def first_slice(scorer: ContributionScorer) -> int:
    """How many assessment samples a race of the scorer measures first, where there is no budget."""
    return scorer.first_slice if isinstance(scorer, ContextScorer) else FIRST


GRACE_SECONDS = 3.0
"""How much later than planned a part may end that took longer than expected; after that it is given up."""

RESERVE_AGAIN_SECONDS = 10.0
"""After how long the reserve is asked for again: the machine may have become slower."""


def _two_seconds() -> float:
    return 2.0


class Pace:
    """Counts what a race spends, and stops it when its budget is used up.

    Args:
        budget: The budget; None for none.
        started: When the command began, on the clock of `time.perf_counter`.
        costs: Returns the `Costs` that count the tokens of a piece of work; called only where there is a budget.
        reserve: Returns the seconds of a time budget that stage 3 and the report need on this machine as it is now.

    Attributes:
        stopped: Why the race was stopped; None while it goes on.
        asked: Cost of the last part that `allows` was asked about.
        watched: The calls of the model, none of which is begun that would end too late.
    """

    def __init__(
        self,
        budget: Budget | None,
        started: float,
        costs: Callable[[], Costs],
        reserve: Callable[[], float] = _two_seconds,
    ) -> None:
        self.meter = Meter(budget, started)
        self.watched = Watched()
        self._reserve = reserve
        self._reserved = -RESERVE_AGAIN_SECONDS
        self.stopped: Ended | None = None
        self.asked = Cost()
        self._costs = costs
        self._part: Slice | None = None
        self._clock = time.perf_counter()
        self._shared_is_due = False
        self._shared = Cost()

    @cached_property
    def costs(self) -> Costs:
        """The costs of pieces of work; the model, which counts tokens, is opened at first use."""
        return self._costs()

    def begin(self, part: Slice, plan: Plan, finished: Mapping[str, object]) -> None:
        """Begin a slice, some parts of which may be finished."""
        self._part = part
        self._shared_is_due = True
        if self.meter.budget is None:
            return
        self._shared = self.costs.shared(part.candidates, part.samples)
        for number, candidates in enumerate(plan.parts):
            if label_of(number) in finished:
                self._count(candidates, None)
        self._clock = time.perf_counter()  # without the time to count tokens and open the model

    def allows(self, candidates: Sequence[Sample]) -> bool:
        """Whether measuring these candidates on the slice's samples fits into the budget."""
        if self.meter.budget is None:
            return True
        self.asked = cost = self._cost(candidates)
        self._plan_end()
        if self.meter.fits(cost.tokens, cost.passes):
            return True
        self.stopped = "budget"
        return False

    def done(self, candidates: Sequence[Sample]) -> None:
        """Count these candidates as measured."""
        if self.meter.budget is not None:
            now = time.perf_counter()
            self._count(candidates, now - self._clock)
            self._clock = now

    def _plan_end(self) -> None:
        """Plan when a budget of time ends the measuring, now and then anew."""
        now = time.perf_counter()
        if self.meter.ends is not None and now - self._reserved >= RESERVE_AGAIN_SECONDS:
            self._reserved, self.meter.reserve = now, self._reserve()
            self.watched.until = self.meter.ends + GRACE_SECONDS

    def _count(self, candidates: Sequence[Sample], seconds: float | None) -> None:
        cost = self._cost(candidates)
        self.meter.count(cost.tokens, cost.passes, seconds)
        self._shared_is_due = False

    def _cost(self, candidates: Sequence[Sample]) -> Cost:
        part = self._part
        assert part is not None
        cost = self.costs.pairs(candidates, part.samples, first=part.start == 0)
        return cost + self._shared if self._shared_is_due else cost


def refuse_nothing(pace: Pace, budget: str | None) -> None:
    """Refuse to go on where the race was stopped before anything was measured, other than by time.

    Where the time was too short, the third stage says how much more is needed.

    Raises:
        KeyboardInterrupt: The user stopped it.
        ConfigError: The budget of tokens or passes is too small.
    """
    if pace.stopped != "budget":
        raise KeyboardInterrupt
    if pace.meter.ends is None:
        raise ConfigError(
            f"budget: {budget} ends before the first candidates are measured; the first part "
            f"takes {pace.asked.tokens:,} tokens and {pace.asked.passes:,} passes"
        )
