"""The rule of decision (README.md), from the results of all arms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from board.training import Arm

Figures = Mapping[Arm, Mapping[str, float]]
"""What the judge said of each arm."""

TELLS = 3.0
"""Standard deviations of the draws that their mean gain must reach, for a condition to tell something."""


@dataclass(frozen=True, slots=True)
class PoolDraws:
    """The random draws of a pool.

    Attributes:
        gain: Mean gain of the draws over the bare model, nats per token.
        deviation: Standard deviation between the draws.
        mean: Mean NLL of the draws, nats per token.
        losses: NLL of each draw.
    """

    gain: float
    deviation: float
    mean: float
    losses: Sequence[float]


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean advantage over pools with its 95% t interval, as a share of a random draw's gain.

    Attributes:
        mean: The mean.
        low: Lower end; minus infinity for fewer than two pools.
        high: Upper end.
        p: Two-sided p value against 0; 1 for fewer than two pools.
        n: Number of pools.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int


def draws_of(figures: Figures, condition: str, budget: str, judge: str) -> dict[int, PoolDraws]:
    """The draws of each pool of a condition that has at least two of them and the bare model.

    Args:
        figures: All results.
        condition: Name of the condition.
        budget: What is equal between arms.
        judge: Which of the judge's figures: `rest` or `all`.
    """
    mine = [arm for arm in figures if arm.condition == condition and arm.budget == budget]
    found = {}
    for number in sorted({arm.pool for arm in mine}):
        bare = figures.get(Arm(condition, number, budget, "bare"))
        losses = [figures[arm][judge] for arm in mine if arm.pool == number and arm.name.startswith("random")]
        if bare is not None and len(losses) > 1:
            mean = float(np.mean(losses))
            found[number] = PoolDraws(bare[judge] - mean, float(np.std(losses, ddof=1)), mean, losses)
    return found


def tells(draws: Mapping[int, PoolDraws]) -> bool:
    """Whether a condition tells something: the mean over pools of gain / deviation is at least `TELLS`."""
    return bool(draws) and float(np.mean([one.gain / one.deviation for one in draws.values()])) >= TELLS


def advantages(figures: Figures, condition: str, budget: str, judge: str, rule: str) -> dict[int, float]:
    """By pool, what a rule adds to a random draw's gain, as a share of that gain's size."""
    found = {}
    for number, draws in draws_of(figures, condition, budget, judge).items():
        arm = figures.get(Arm(condition, number, budget, rule))
        if arm is not None:
            found[number] = (draws.mean - arm[judge]) / abs(draws.gain)
    return found


def interval(values: Sequence[float]) -> Interval:
    """The t interval of a mean of independent values, one per pool."""
    n = len(values)
    mean = float(np.mean(values)) if n else math.nan
    if n < 2:
        return Interval(mean, -math.inf, math.inf, 1.0, n)
    return _around(mean, float(np.std(values, ddof=1)) / math.sqrt(n), n - 1, n)


def over_conditions(by_condition: Sequence[Mapping[int, float]]) -> Interval:
    """The t interval of the mean over conditions, every condition with the same weight.

    Pools of one number have records in common in all conditions (of `clean` and `other` even the draws), so their
    advantages are not independent: each number counts as one value, its mean over the conditions.

    Args:
        by_condition: For each condition the advantages of its pools, by their number; numbers that are not in all
            conditions are left out.
    """
    common = set.intersection(*map(set, by_condition)) if by_condition else set()
    return interval([float(np.mean([values[number] for values in by_condition])) for number in sorted(common)])


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p values: the smallest times their number, the next times one less, never falling."""
    adjusted, largest = {}, 0.0
    for rank, name in enumerate(sorted(values, key=lambda name: values[name])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[name]))
        adjusted[name] = largest
    return adjusted


def qualified(figures: Figures, conditions: Sequence[str], rules: Sequence[str]) -> dict[str, float]:
    """The rules that may become the default (rules 3 and 4 of the README), best first.

    Args:
        figures: All results, complete.
        conditions: Conditions that tell something.
        rules: Names of the rules.

    Returns:
        By rule the lower bound of its mean advantage over the conditions, above 0.
    """
    found = {}
    for rule in rules:
        values = [advantages(figures, condition, "tokens", "rest", rule) for condition in conditions]
        if not is_worse(figures, conditions, rule) and (low := over_conditions(values).low) > 0:
            found[rule] = low
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def beyond(figures: Figures, conditions: Sequence[str], rule: str, reference: str) -> Interval:
    """The t interval of what a rule's advantage is beyond that of another rule, over conditions, pool by pool."""
    found = []
    for condition in conditions:
        ours, theirs = (advantages(figures, condition, "tokens", "rest", name) for name in (rule, reference))
        found.append({number: ours[number] - theirs[number] for number in ours.keys() & theirs.keys()})
    return over_conditions(found)


def called(losses: Sequence[float], own: float) -> Literal["better", "worse", "chance"]:
    """What one arm is called beside random draws: is it outside the 95% prediction interval of one more draw?

    That is the draws' part of the interval of `icon validate` (docs/method.md, "Validation"), which takes the judge
    samples into account as well; here only their mean loss is kept.

    Args:
        losses: NLL of each draw, at least two.
        own: NLL of the arm.
    """
    n = len(losses)
    reach = float(student.ppf(0.975, n - 1)) * float(np.std(losses, ddof=1)) * math.sqrt(1 + 1 / n)
    difference = float(np.mean(losses)) - own
    return "chance" if abs(difference) <= reach else "better" if difference > 0 else "worse"


def draws_called(draws: Mapping[int, PoolDraws]) -> Counter[str]:
    """How often each random draw is called what beside the other draws of its pool."""
    return Counter(
        called([*one.losses[:place], *one.losses[place + 1 :]], own)
        for one in draws.values()
        for place, own in enumerate(one.losses)
    )


def agreement(figures: Figures, condition: str, rules: Sequence[str]) -> tuple[float, int]:
    """Correlation over rules of the mean advantages at equal steps and at equal tokens, and over how many pools.

    Only pools of which every rule is done at both count; the correlation is not a number for fewer than two rules.
    """
    by_budget = [
        [advantages(figures, condition, budget, "rest", rule) for rule in rules] for budget in ("steps", "tokens")
    ]
    common = set.intersection(*(set(one) for found in by_budget for one in found)) if rules else set()
    if not common:
        return math.nan, 0
    steps, tokens = ([np.mean([one[number] for number in sorted(common)]) for one in found] for found in by_budget)
    return float(np.corrcoef(steps, tokens)[0, 1]), len(common)


def is_worse(figures: Figures, conditions: Sequence[str], rule: str) -> bool:
    """Whether a rule is significantly worse than random draws in one of these conditions (rule 3 of the README)."""
    values = [advantages(figures, condition, "tokens", "rest", rule) for condition in conditions]
    return any(interval(list(one.values())).high < 0 for one in values)


def _around(mean: float, error: float, freedom: float, n: int) -> Interval:
    if error == 0:
        return Interval(mean, mean, mean, 0.0 if mean else 1.0, n)
    width = float(student.ppf(0.975, freedom)) * error
    return Interval(mean, mean - width, mean + width, float(2 * student.sf(abs(mean) / error, freedom)), n)
