"""The winning score: of two models' answers, how often a judge prefers the first, by judgments in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from icon_validate.records import PairwiseResult


class Choice(StrEnum):
    """What a judge says of two answers: the first is better, the second, neither; or nothing that can be read."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"
    NONSENSE = "nonsense"


class Outcome(StrEnum):
    """What two judgments, one in either order, say of one prompt."""

    WIN = "win"
    TIE = "tie"
    LOSE = "lose"
    UNJUDGED = "unjudged"


VALUES = {Choice.FIRST: 1, Choice.TIE: 0, Choice.SECOND: -1}

VALUE_OF = {Outcome.WIN: 1.0, Outcome.TIE: 0.0, Outcome.LOSE: -1.0}
"""Winning score of a single prompt."""

FEWEST_JUDGED = 0.5
"""Share of the prompts that must be judged in both orders; below it there is no winning score."""


def outcome(straight: Choice, swapped: Choice) -> Outcome:
    """The outcome of a prompt for the model whose answer came first in `straight` and second in `swapped`.

    It wins where it is preferred in both orders, or in one with a tie in the other; it loses likewise; all else that
    can be read is a tie (the paper's rule, after AlpaGasus). One judgment that cannot be read leaves it unjudged.
    """
    if Choice.NONSENSE in (straight, swapped):
        return Outcome.UNJUDGED
    total = VALUES[straight] - VALUES[swapped]
    return Outcome.WIN if total > 0 else Outcome.LOSE if total < 0 else Outcome.TIE


def winning_score(outcomes: Sequence[Outcome], arm: str) -> PairwiseResult:
    """The winning score 1 + (win - lose) / n over the n judged prompts; 1 is a draw, 2 is winning all.

    There is none, with a reason, where fewer than half of the prompts were judged.

    Args:
        outcomes: The outcome of every prompt.
        arm: Name of the arm whose answers are judged.
    """
    counts = {kind: outcomes.count(kind) for kind in Outcome}
    judged = len(outcomes) - counts[Outcome.UNJUDGED]
    enough = judged > 0 and judged >= FEWEST_JUDGED * len(outcomes)
    reason = "" if enough else f"only {judged} of {len(outcomes)} prompts could be judged"
    return PairwiseResult(
        arm=arm,
        win=counts[Outcome.WIN],
        tie=counts[Outcome.TIE],
        lose=counts[Outcome.LOSE],
        unjudged=counts[Outcome.UNJUDGED],
        winning_score=1 + (counts[Outcome.WIN] - counts[Outcome.LOSE]) / judged if enough else None,
        reason=reason,
    )
