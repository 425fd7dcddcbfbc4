"""Whether what a run measured carries a choice: facts in, a record out (docs/method.md, "What carries a choice")."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from icon.runs.outcome import RaceFacts, ReliabilityRecord
from icon.runs.standing import Grounds, Needed, Standing
from icon.selection.carrying import ENOUGH, captured, chance_correlation, chance_ratio, fewest_scored

USUAL_SIGNAL = 0.1
"""Assumed signal v of a scorer of pairs while too little is measured to estimate it: split halves of 64 to 128 samples
agreed by 0.70 to 0.88 on the small models that were tried, which is v = 0.07 to 0.2."""

ENOUGH_TO_ESTIMATE = 8.0
"""Assessment samples per candidate from which on the estimated signal is believed when it is small."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, for the question whether it carries a choice.

    Attributes:
        wanted: Number of candidates to keep.
        candidates: Number of the pool's candidates.
        subset: Number of candidates that were to be scored.
        tried: Number of candidates with any measurement, failed ones included.
        scored: Number of candidates with a score.
        race: The outcome of a race; None where every pair was measured.
        reliability: Split-half reliability, where every pair was measured.
        pairs: Number of pairs measured; 0 where candidates are measured by themselves, without noise of measuring.
        seconds: Seconds that scoring took; None where that is not known.
        tokens: Tokens that the model read for it, likewise.
        tokens_each: Tokens that a further pair of a race takes; None for as many as those before.
        narrowed: Whether those to be scored are the best of the pool by a cheap score, not a random draw.
        like_draw: Whether those checked of the others do not show that this score is better than a draw
            (`icon.selection.checking.like_draw`); None where none was checked.
    """

    wanted: int
    candidates: int
    subset: int
    tried: int
    scored: int
    race: RaceFacts | None
    reliability: ReliabilityRecord | None
    pairs: int
    seconds: float | None = None
    tokens: int | None = None
    tokens_each: float | None = None
    narrowed: bool = False
    like_draw: bool | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every candidate of the pool is measured, and nothing is left to measure of any."""
        return self.tried >= self.candidates and not self.is_cut_short and not self.fell_short

    @property
    def is_cut_short(self) -> bool:
        """Whether a race ended before its choice was good enough."""
        return self.race is not None and self.race.ended in ("budget", "interrupted")

    @property
    def fell_short(self) -> bool:
        """Whether a race ended at its last sample, with candidates at rest, before its choice was as good as asked."""
        return self.race is not None and self.race.ended == "samples"

    @property
    def samples(self) -> float | None:
        """Mean number of assessment samples per measured candidate; None where it is measured by itself."""
        n = self.tried if self.race is None else self.race.candidates
        return self.pairs / max(1, n) if self.pairs else None


@dataclass(frozen=True, slots=True)
class Order:
    """How far the order of the scored candidates is known.

    Attributes:
        reliability: Known share of the variance between the scores; None where too little is measured to say.
        chance: What it stays below for scores without a signal, at 95%; None where there is nothing to compare.
    """

    reliability: float | None
    chance: float | None = None

    @property
    def fault(self) -> Grounds | None:
        """Why the order carries no choice; None where it is distinguished from a random one."""
        if self.reliability is None:
            return "too_little"
        return None if self.chance is None or self.reliability > self.chance else "like_chance"


def order_of(found: Measured) -> Order:
    """How far the order of the scored candidates is known.

    In a race with signal v (the variance of the candidates' effects over that of a single measurement) and t samples
    per candidate the reliability is t v / (1 + t v), and 1 + t v is the ratio of variances that is compared with that
    of candidates that do not differ (`chance_ratio`). Where every pair is measured it is the rank correlation of split
    halves that is compared with that of random orders, stepped up to the whole set like the reliability itself.
    """
    if found.race is not None:
        if found.race.reliability is None or found.scored < 3 or found.samples is None:
            return Order(None)
        ratio = 1 + found.samples * found.race.signal
        return Order(1 - 1 / ratio, 1 - 1 / chance_ratio(found.scored, found.samples))
    if not found.pairs:
        return Order(1.0)
    if found.reliability is None:
        return Order(None)
    half = chance_correlation(found.scored)
    return Order(max(0.0, found.reliability.full), 2 * half / (1 + half))


def standing(found: Measured, quality: Mapping[str, Any], *, named: bool = False, outside: bool = False) -> Standing:
    """Whether what was measured carries a choice, and what is still needed where it does not.

    Args:
        found: What was measured.
        quality: What the selector says of itself; where it has `chance`, it predicts scores from texts.
        named: Whether the user named the selector, which is obeyed then.
        outside: Whether it chose a candidate without a score.
    """
    order = order_of(found)
    gain = _captured(found, order)
    grounds = _grounds(found, order, gain, quality, outside=outside)
    carries = grounds in ("all", "best_of_scored", "predicted", "narrowed")
    return Standing(
        carries=carries,
        grounds=grounds,
        named=named,
        wanted=found.wanted,
        candidates=found.candidates,
        scored=found.scored,
        samples=found.samples,
        pairs=found.pairs or None,
        reliability=order.reliability if found.pairs else None,
        chance=order.chance,
        captured=gain,
        needed=None if carries or _is_settled(found, order, grounds) else needed(found, order),
    )


def _is_settled(found: Measured, order: Order, grounds: Grounds) -> bool:
    """Whether more of the same measuring would not help: all is measured, or all of some candidates and it is noise.

    Nor does it help a race that ended at its last sample, or against a cheap score that is not shown to be better than
    a draw.
    """
    at_end = order.fault is not None or grounds == "like_draw"
    return found.is_whole or found.fell_short or (at_end and not found.is_cut_short)


def best_carry(found: Measured) -> bool:
    """Whether enough candidates are scored, and their order is known well enough, to choose the best of them."""
    order = order_of(found)
    return order.fault is None and (_captured(found, order) or 0.0) >= ENOUGH


def _captured(found: Measured, order: Order) -> float | None:
    """Expected captured gain over the pool of choosing the best of the scored candidates.

    None where a cheap score chose them: what it left out is not known from them.
    """
    if order.reliability is None or not found.scored or (found.narrowed and not found.is_whole):
        return None
    if found.race is not None and found.scored >= found.candidates:
        return found.race.capture
    return captured(found.wanted, found.scored, found.candidates, order.reliability)


def _grounds(
    found: Measured, order: Order, gain: float | None, quality: Mapping[str, Any], *, outside: bool
) -> Grounds:
    if found.is_cut_short and order.fault:
        return order.fault
    if "chance" in quality:
        return (order.fault or "not_predicted") if quality["chance"] else "predicted"
    if found.is_whole:
        return "all"
    if found.narrowed:
        return order.fault or ("narrowed" if found.like_draw is False else "like_draw")
    if outside:
        return "predicted"
    if order.fault:
        return order.fault
    return "best_of_scored" if (gain or 0.0) >= ENOUGH else "too_few"


def needed(found: Measured, order: Order) -> Needed:
    """What is still to be measured until the best of the scored candidates capture enough.

    Args:
        found: What was measured.
        order: How far the order of the scored candidates is known.
    """
    if found.narrowed:  # more of those that the cheap score rejects are not asked for
        found = replace(found, candidates=found.subset)
    if found.race is None:
        reliability = order.reliability if order.reliability and order.fault is None else 1.0
        most = max(found.scored + 1, fewest_scored(found.wanted, found.candidates, reliability))
        candidates = min(found.candidates, most)
        share = candidates / max(1, found.tried)
        return Needed(
            candidates=candidates,
            seconds=None if found.seconds is None else found.seconds * share,
            tokens=None if found.tokens is None else round(found.tokens * share),
            new_run=True,
        )
    signal = found.race.signal
    if order.fault is not None and (found.samples or 0.0) < ENOUGH_TO_ESTIMATE:
        signal = max(signal, USUAL_SIGNAL)
    samples, candidates = _reached(found, signal)
    new_run = candidates > found.subset
    pairs = max(found.subset, samples * candidates - (0 if new_run else found.pairs))
    tokens = _tokens(found, pairs)
    speed = found.tokens / found.seconds if found.tokens and found.seconds else None
    return Needed(
        candidates=candidates,
        samples=samples,
        pairs=pairs,
        tokens=tokens,
        seconds=None if tokens is None or speed is None else tokens / speed,
        new_run=new_run,
    )


def _tokens(found: Measured, pairs: int) -> int | None:
    """Tokens that so many further pairs of a race take."""
    each = found.tokens_each
    if each is None and found.tokens and found.pairs:
        each = found.tokens / found.pairs
    return None if each is None else round(each * pairs)


def _reached(found: Measured, signal: float) -> tuple[int, int]:
    """The fewest assessment samples, and then candidates, at which the best capture enough."""
    assert found.race is not None
    for samples in range(2, found.race.samples + 1):
        ratio = 1 + samples * signal
        gain = captured(found.wanted, found.subset, found.candidates, 1 - 1 / ratio)
        if ratio > chance_ratio(max(2, found.subset), samples) and gain >= ENOUGH:
            return samples, found.subset
    half = min(found.race.samples, max(2, math.ceil(1 / signal)))  # half of the variance between the scores is known
    return half, fewest_scored(found.wanted, found.candidates, half * signal / (1 + half * signal))
