"""What a judge sees of a trained model: the loss of each judge sample, by position of the response token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from icon.errors import InputError

Position = Literal["rest", "all", "first", "second"]
"""Which response tokens a loss is of: the first, the second, those behind the second, or all."""
POSITIONS: tuple[Position, ...] = ("rest", "all", "first", "second")
"""Every position class, the one of the verdict first (docs/method.md: Validation)."""
Kind = Literal["selection", "random", "rule", "pool", "bare"]
"""What an arm trains on: the selection, a random draw, another rule's choice, the whole pool, or nothing."""


class Fact(BaseModel):
    """Base of the records of a validation: frozen, unknown fields refused, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class JudgeLoss(Fact):
    """The loss of one judge sample under one arm's model, in nats: sums of -log p, not means.

    Attributes:
        id: Id of the judge sample.
        n_tokens: Number of its response tokens, at least 1.
        first: -log p of the first response token.
        second: Of the second; None where there is none.
        rest: Sum over the tokens behind the second; None where there is none.
    """

    id: str
    n_tokens: int
    first: float
    second: float | None = None
    rest: float | None = None

    @classmethod
    def of(cls, id_: str, losses: Sequence[float]) -> JudgeLoss:
        """The record of a sample from -log p of each of its response tokens.

        Args:
            id_: Id of the judge sample.
            losses: -log p of each response token, nats, shape (N,), N at least 1.

        Raises:
            InputError: There is no token, or a loss is not finite.
        """
        values = [float(loss) for loss in losses]
        odd = next((value for value in values if not math.isfinite(value)), None)
        if not values or odd is not None:
            found = "no response token" if odd is None else f"a loss of {odd}"
            raise InputError(f"judge sample {id_}: found {found}; valid: finite losses, one per response token")
        return cls(
            id=id_,
            n_tokens=len(values),
            first=values[0],
            second=values[1] if len(values) > 1 else None,
            rest=math.fsum(values[2:]) if len(values) > 2 else None,
        )

    def per_token(self, position: Position) -> float | None:
        """Mean loss over the tokens of a position class, nats per token; None where there is no such token."""
        if position == "rest":
            return None if self.rest is None else self.rest / (self.n_tokens - 2)
        if position == "all":
            return math.fsum((self.first, self.second or 0.0, self.rest or 0.0)) / self.n_tokens
        return self.first if position == "first" else self.second


class ArmLosses(Fact):
    """One arm, trained and judged. An arm that could not be trained has a reason and no losses.

    Attributes:
        name: Name of the arm, such as `selection`, `random-03` or `longest`.
        kind: What it was trained on.
        judged: The losses of the judge samples, in the judge's order; empty where the arm failed.
        n_records: Number of records that it was trained on.
        steps: Number of optimiser steps.
        tokens: Number of tokens read in training, repetitions counted.
        seconds: Seconds of training and judging.
        training: Loss of each step, nats per token.
        tasks: Value of each benchmark task, higher is better.
        answers: Winning score of each question of a pairwise judge against the bare model: 1, 0 or -1.
        reason: Why there are no losses; empty where there are.
    """

    name: str
    kind: Kind
    judged: tuple[JudgeLoss, ...] = ()
    n_records: int = 0
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    training: tuple[float, ...] = ()
    tasks: dict[str, float] = Field({})
    answers: dict[str, float] = Field({})
    reason: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the arm was trained and judged."""
        return not self.reason and bool(self.judged)


def loss_matrix(arms: Sequence[ArmLosses], position: Position) -> tuple[list[str], NDArray[np.float64]]:
    """Losses of several arms on the same judge samples, nats per token.

    Args:
        arms: The arms, none of them failed.
        position: Which response tokens count. Samples without one are left out.

    Returns:
        Ids of the judge samples that count, and the losses, shape (arms, samples).

    Raises:
        InputError: Arms were judged on other samples, or on other tokens of them.
    """
    wanted = [(loss.id, loss.n_tokens) for loss in arms[0].judged] if arms else []
    for arm in arms:
        if [(loss.id, loss.n_tokens) for loss in arm.judged] != wanted:
            raise InputError(
                f"arm {arm.name}: judged on other samples or tokens than arm {arms[0].name}; valid: the same judge "
                "samples in the same order. Measure both arms again"
            )
    rows = [[loss.per_token(position) for loss in arm.judged] for arm in arms]
    places = [i for i, value in enumerate(rows[0]) if value is not None] if rows else []
    values = np.array([[row[i] for i in places] for row in rows], dtype=np.float64)
    return [wanted[i][0] for i in places], values.reshape(len(arms), len(places))
