"""Options of the scorer `less`; the defaults are the paper's, but there is no warm-up unless asked for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.plugins import Options


class LessOptions(Options):
    """Options of the scorer `less`."""

    rank: int = Field(128, ge=1, description="Rank of the adapters whose gradient is taken.")
    alpha: int = Field(512, ge=1, description="Scale of the adapters: their output is multiplied by alpha / rank.")
    target_modules: list[str] | None = Field(
        None,
        min_length=1,
        description="Names of the linear layers that get adapters; None: q_proj, k_proj, v_proj and o_proj, or what "
        "peft names for architectures without these.",
    )
    combine: Literal["mean", "max", "round-robin"] = Field(
        "mean",
        description="How cosines become a score: the mean over the target tasks, the largest mean of a task group (as "
        "in the paper), or the place when the tasks take turns in choosing.",
    )
    projection: int = Field(
        8192, ge=0, description="Numbers that a gradient is projected to at random; 0 for the whole gradient."
    )
    warmup: str | None = Field(
        None,
        min_length=1,
        description="A file of records, such as the pool, on a share of which the adapters are trained first; None: "
        "the gradients are those of the model as it is.",
    )
    warmup_share: float = Field(0.05, gt=0, le=1, description="Share of these records, drawn by the seed.")
    warmup_epochs: int = Field(4, ge=1, description="Passes over them.")
    warmup_batch: int = Field(128, ge=1, description="Records per step of the warm-up.")
    warmup_learning_rate: float = Field(2e-5, gt=0, description="Highest learning rate; it falls to 0 in a line.")
