"""What `icon validate` stores and prints besides the verdict, as frozen records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PairwiseResult(Record):
    """How the answers of an arm's model compare with those of the bare model.

    Attributes:
        arm: Name of the arm.
        win: Number of requests that the arm won.
        tie: Number of ties.
        lose: Number of requests that it lost.
        unjudged: Number of requests for which a judgment could not be read.
        winning_score: 1 + (win - lose) / n over the n judged requests; None where too few were judged.
        reason: Why there is none.
    """

    arm: str
    win: int
    tie: int
    lose: int
    unjudged: int
    winning_score: float | None
    reason: str = ""


class PlannedArm(Record):
    """An arm of a dry run.

    Attributes:
        table: How arms are made comparable: steps or tokens.
        name: Its name.
        kind: What it trains on.
        records: Number of its records.
        steps: Number of optimiser steps.
        tokens: Tokens read in training, repetitions counted.
        done: Whether an earlier start finished it.
    """

    table: str
    name: str
    kind: str
    records: int
    steps: int
    tokens: int
    done: bool


class DryRun(Record):
    """What a validation would do: what `icon validate --dry-run --json` prints.

    Attributes:
        arms: The arms, in the order in which they are trained.
        judge: Number of judge samples.
        judge_tokens: Tokens that judging an arm reads.
        tokens: Tokens of all arms that are not done.
        seconds: Estimated seconds of all arms that are not done, opening the model included; tasks and answers are not.
        seconds_to_open: Measured seconds of opening the model.
        tokens_per_second: Measured tokens per second in training.
        budget_seconds: The budget; None without one.
        notes: What the user should know.
    """

    arms: tuple[PlannedArm, ...]
    judge: int
    judge_tokens: int
    tokens: int
    seconds: float
    seconds_to_open: float
    tokens_per_second: float
    budget_seconds: float | None
    notes: tuple[str, ...]
