"""What `icon validate` stores and prints besides the verdict, as frozen records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PairwiseResult(Record):
    """How the answers of the model trained on the selection compare with those of another arm.

    Attributes:
        opponent: Name of the other arm.
        win: Number of prompts that the selection won.
        tie: Number of ties.
        lose: Number of prompts that it lost.
        unjudged: Number of prompts for which a judgment could not be read.
        winning_score: 1 + (win - lose) / n over the n judged prompts; None where too few were judged.
        reason: Why there is none.
    """

    opponent: str
    win: int
    tie: int
    lose: int
    unjudged: int
    winning_score: float | None
    reason: str = ""
