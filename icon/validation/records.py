"""The records of a verdict: a comparison with random draws, what training gains, and the verdict itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.validation.losses import Fact, Kind, Position
from icon.validation.power import Power

Outcome = Literal["better", "chance", "worse"]
"""An interval above 0, around 0, or below 0."""


class Comparison(Fact):
    """An arm compared with the random draws, on some judge samples and some of their tokens.

    Attributes:
        name: Name of the arm.
        kind: What it was trained on.
        outcome: By the interval, or by `p_holm` where several were compared.
        difference: Mean loss of the draws minus that of the arm, nats per token: positive where the arm is better.
        low: Lower end of its interval.
        high: Upper end.
        p: Two-sided probability of a difference as large by chance.
        p_holm: The same with Holm's correction for all that were compared; None for a single question.
        beaten: Number of draws with a higher mean loss.
        n_draws: Number of draws.
        n_samples: Number of judge samples.
        loss: Mean loss of the arm, nats per token.
    """

    name: str
    kind: Kind
    outcome: Outcome
    difference: float
    low: float
    high: float
    p: float
    p_holm: float | None = None
    beaten: int
    n_draws: int
    n_samples: int
    loss: float


class Gain(Fact):
    """What training on a random draw gains over the bare model, nats per token behind the second response token.

    Attributes:
        bare: Mean loss of the bare model.
        gain: How much lower the draws' mean loss is.
        sd: Standard deviation between the draws.
        tells: Whether the gain is at least three of them away from 0, so that a choice can show.
    """

    bare: float
    gain: float
    sd: float
    tells: bool


class Verdict(Fact):
    """The verdict on a selection, by the loss per token behind the second response token.

    Attributes:
        outcome: Whether the selection is better than random draws, worse, or cannot be distinguished from chance.
        difference: Mean loss of the draws minus that of the selection, nats per token: positive where it is better.
        low: Lower end of its interval, over draws and judge samples together.
        high: Upper end.
        confidence: Of the intervals.
        beaten: Number of draws with a higher mean loss than the selection.
        n_draws: Number of draws.
        n_samples: Number of judge samples with a token behind the second.
        draws: Mean loss of each random draw, nats per token behind the second response token, by name.
        positions: The selection by position class: rest, all, first, second.
        groups: The selection by task group of the judge samples, corrected by Holm for the number of groups.
        arms: Other rules and the whole pool, corrected by Holm among themselves.
        gain: What training on a random draw gains; None where the bare model was not judged.
        power: What it takes to see a small advantage; None where training on a random draw gains nothing certain.
        failed: Reasons of the arms that could not be trained, by name.
    """

    outcome: Outcome
    difference: float
    low: float
    high: float
    confidence: float
    beaten: int
    n_draws: int
    n_samples: int
    draws: dict[str, float] = Field({})
    positions: dict[Position, Comparison]
    groups: dict[str, Comparison] = Field({})
    arms: dict[str, Comparison] = Field({})
    gain: Gain | None = None
    power: Power | None = None
    failed: dict[str, str] = Field({})
