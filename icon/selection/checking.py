"""What a cheap score leaves out, estimated from candidates that were drawn at random from those it rejects."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from icon.types import part_of

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution."""

LEVEL = 0.05
"""Below this probability the cheap score counts as better than a draw."""

FEWEST = 5
"""Fewest candidates that are checked, and from which the captured gain is estimated."""


def n_checks(share: float, measured: int) -> int:
    """How many of the measured candidates are drawn at random from those that the cheap score rejects.

    Args:
        share: That part of the measured: the option `check` of the selector `cascade`.
        measured: How many candidates are measured, the checks among them.

    Returns:
        At least `FEWEST` and at most half of the measured; 0 for a share of 0.
    """
    return min(max(part_of(share, measured), FEWEST), measured // 2) if share else 0


def check_quality(
    best: Sequence[float], checked: Sequence[float], *, others: int, kept: int, selected: Sequence[bool]
) -> dict[str, Any]:
    """Figures on what the cheap score leaves out, for `Selection.quality`.

    Args:
        best: Scores of the best by the cheap score.
        checked: Scores of those that were drawn from the others.
        others: How many candidates the checked stand for, without themselves: those that the cheap score alone decides.
        kept: How many candidates are selected.
        selected: Whether each of the checked is selected.

    Returns:
        n_checked and n_checked_selected; `missed`, `missed_low` and `missed_high`: the share of the others that would
        have been selected, with Wilson's 95% interval; `like_draw`, see `like_draw`; and `captured_of_all`, see
        `captured_of_all`.
    """
    drawn, hits = len(checked), sum(selected)
    low, high = wilson(hits, drawn)
    quality: dict[str, Any] = {"n_checked": drawn, "n_checked_selected": hits}
    if others:
        quality |= {"missed": hits / drawn, "missed_low": low, "missed_high": high}
        quality["like_draw"] = like_draw(best, checked, kept)
    if drawn >= FEWEST and kept <= len(best) + drawn:
        quality["captured_of_all"] = captured_of_all(best, checked, others=others, kept=kept)
    return quality


def like_draw(best: Sequence[float], checked: Sequence[float], kept: int) -> bool | None:
    """Whether the checked candidates do not show that the cheap score chooses better than a random draw.

    They show it where a cheap score that says nothing would lead to as few of them among the best `kept` with a
    probability of at most `LEVEL`. Of those that have the last of the best scores the checked have their share, rounded
    up.

    Args:
        best: Scores of the best by the cheap score.
        checked: Scores of those that were drawn from the others.
        kept: How many candidates are selected.

    Returns:
        None where none was checked.
    """
    if not checked:
        return None
    ranked = sorted([*best, *checked], reverse=True)
    places = min(kept, len(ranked))
    last = ranked[places - 1]
    left = places - sum(score > last for score in ranked)
    share = -(-left * checked.count(last) // ranked.count(last))  # rounded up
    hits = sum(score > last for score in checked) + share
    return chance_of_as_few(hits, len(checked), places, len(best)) > LEVEL


def chance_of_as_few(hits: int, checked: int, selected: int, best: int) -> float:
    """Probability that at most `hits` of the checked are selected where the cheap score says nothing of the score.

    Then any `selected` of all scored candidates are as likely as any others, so the number is hypergeometric (Fisher's
    exact test, one-sided).

    Args:
        hits: How many of the checked are selected.
        checked: How many were checked.
        selected: How many of all that are scored are selected.
        best: How many are scored as the best by the cheap score.
    """
    every = _log_ways(best + checked, selected)
    numbers = range(max(0, selected - best), min(hits, selected, checked) + 1)
    return math.fsum(math.exp(_log_ways(checked, n) + _log_ways(best, selected - n) - every) for n in numbers)


def checks_that_may_show(measured: int, selected: int) -> int | None:
    """The fewest checks that can show that a cheap score is better than a draw: with none of them selected.

    Args:
        measured: How many candidates are measured, the checks among them.
        selected: How many of these are selected.

    Returns:
        None where no half of the measured is enough.
    """

    def may_show(checks: int) -> bool:
        return chance_of_as_few(0, checks, selected, measured - checks) <= LEVEL

    half = measured // 2
    if half < FEWEST or not may_show(half):
        return None
    return FEWEST + bisect_left(range(FEWEST, half + 1), True, key=may_show)  # more of them show it the sooner


def _log_ways(n: int, k: int) -> float:
    """Logarithm of the number of ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95% interval for a share: hits of n, n at least 1 (Wilson 1927)."""
    share, z2 = hits / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def captured_of_all(best: Sequence[float], checked: Sequence[float], *, others: int, kept: int) -> float | None:
    """Captured gain of the selection over the whole pool, estimated: 1 is choosing by the scores of all candidates.

    That is (mean of the selected - mean of all) / (mean of the best `kept` of all - mean of all). Each of the checked
    stands for itself and an equal part of the others, so both means of all are weighted ones. The selected are the best
    `kept` of those that are scored.

    Args:
        best: Scores of the best by the cheap score, each of which stands for itself.
        checked: Scores of those drawn from the others, at least one.
        others: How many others there are beside the checked.
        kept: How many are selected, at least one and at most all that are scored.

    Returns:
        The estimate; None where the scores do not differ.
    """
    weight = 1 + others / len(checked)
    weighted = sorted([*((score, 1.0) for score in best), *((score, weight) for score in checked)], reverse=True)
    total = len(best) + others + len(checked)
    mean = math.fsum(score * times for score, times in weighted) / total
    chosen = math.fsum(score for score, _ in weighted[:kept]) / kept
    left, gained = float(kept), 0.0
    for score, times in weighted:
        part = min(left, times)
        gained += part * score
        left -= part
        if left <= 0:
            break
    most = gained / kept - mean
    return (chosen - mean) / most if most > 0 else None
