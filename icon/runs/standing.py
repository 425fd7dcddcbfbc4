"""Whether what a run measured carries a choice, as frozen records: `results.standing` in run.json."""

from __future__ import annotations

from typing import Literal

from icon.runs.records import Sparse

NOTHING = "none"
"""Name of the selector of a run in which nothing is selected, since what was measured carries no choice."""

Grounds = Literal[
    "all",
    "best_of_scored",
    "predicted",
    "too_little",
    "like_chance",
    "too_few",
    "not_predicted",
    "narrowed",
    "like_draw",
]
"""Why what was measured carries a choice or does not; see `Standing`."""


class Needed(Sparse):
    """What is still to be measured until a choice is carried, as far as that can be said.

    Attributes:
        candidates: Number of candidates to be scored, those that are scored included.
        samples: Number of assessment samples that each is to be measured on; None where the scorer needs none, or all.
        pairs: Number of further pairs.
        tokens: Tokens that they take, as those before took; None where that is not known.
        seconds: Seconds that they take, likewise.
        new_run: Whether more candidates are needed than the run's subset has, so that it takes another run.
    """

    candidates: int
    samples: int | None = None
    pairs: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    new_run: bool = False


class Standing(Sparse):
    """Whether what was measured carries a choice, in facts; see `icon.results.standing`.

    Attributes:
        carries: Whether it does. Where it does not, nothing is selected unless the user named the selector.
        grounds: Why. It does by "all" (every candidate is measured to the end), "best_of_scored" (enough are scored to
            choose the best of them), "predicted" (the rest is ranked by a prediction that is better than chance), or
            "narrowed" (the best by a cheap score are scored, the order of these is not chance, and those that were
            checked of the others are selected less often). It
            does not by "too_little" (too little is measured to say how far the order is known), "like_chance" (the
            order cannot be distinguished from a random one), "too_few" (too few are scored to choose the best of
            them), "not_predicted" (the prediction cannot be distinguished from chance), or "like_draw" (those that
            were checked of what a cheap score rejects do not show that it is better than a draw).
        named: Whether the user named the selector, so that it is obeyed.
        wanted: Number of candidates to keep: a share is one of the pool's candidates.
        candidates: Number of the pool's candidates.
        scored: Number of candidates with a score.
        samples: Mean number of assessment samples that they were measured on; None where the scorer needs none.
        pairs: Number of pairs measured; None likewise.
        reliability: Share of the variance between the scores that is known; None where it is not known.
        chance: Reliability that scores without any signal stay below in 95 of 100 cases; None likewise.
        captured: Expected captured gain over the whole pool of choosing the best of the scored; None likewise.
        needed: What is still to be measured; None where the choice is carried, or nothing is left to measure.
    """

    carries: bool
    grounds: Grounds
    named: bool = False
    wanted: int
    candidates: int
    scored: int
    samples: float | None = None
    pairs: int | None = None
    reliability: float | None = None
    chance: float | None = None
    captured: float | None = None
    needed: Needed | None = None
