"""What a cheap score leaves out, estimated from candidates that were drawn at random from those it rejects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution."""

LEVEL = 0.05
"""Below this probability the cheap score counts as better than a draw."""

FEWEST = 5
"""Fewest checked candidates from which the captured gain is estimated."""


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
        have been selected, with Wilson's 95% interval; `like_draw`, whether a cheap score that says nothing would come
        to as few of the checked in one of twenty cases or more (`chance_of_as_few`); and `captured_of_all`, see
        `captured_of_all`.
    """
    drawn, hits = len(checked), sum(selected)
    low, high = wilson(hits, drawn)
    quality: dict[str, Any] = {"n_checked": drawn, "n_checked_selected": hits}
    if others:
        quality |= {"missed": hits / drawn, "missed_low": low, "missed_high": high}
        quality["like_draw"] = chance_of_as_few(hits, drawn, min(kept, len(best) + drawn), len(best)) > LEVEL
    if drawn >= FEWEST and kept <= len(best) + drawn:
        quality["captured_of_all"] = captured_of_all(best, checked, others=others, kept=kept)
    return quality


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
    ways = (math.comb(checked, n) * math.comb(best, selected - n) for n in range(min(hits, selected) + 1))
    return sum(ways) / math.comb(best + checked, selected)


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
