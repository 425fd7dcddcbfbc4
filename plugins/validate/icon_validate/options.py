"""What a user asks of `icon validate`, and what of it decides the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from icon.errors import ConfigError
from icon.types import Budget, parse_budget

Train = Literal["top-blocks", "lora", "full"]

TRAINERS: tuple[Train, ...] = ("top-blocks", "lora", "full")

LEARNING_RATES: dict[Train, float] = {"top-blocks": 1e-4, "lora": 2e-4, "full": 2e-5}
"""First learning rates; for all weights it is the paper's."""

BLOCKS_SHARE = 0.2
"""Share of a model's blocks that top-blocks trains by default: 6 of 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user asked for; docs/how-to/validate-a-selection.md describes each.

    Attributes:
        train: How arms are trained.
        draws: Number of random draws.
        epochs: How often the selection is read; the steps of all arms follow from it.
        batch: Records per step.
        learning_rate: First learning rate; None for that of the trainer.
        blocks: Blocks that top-blocks trains; None for a fifth of the model's.
        rank: Rank of the adapters of lora.
        max_tokens: Longest sequence in training and judging.
        seed: Decides draws and orders.
        tokens: Whether there is a second table at equal tokens; None: where a budget leaves room for it.
        budget: What may be spent; None for all that it takes.
        judge: File of judge samples; None for those that the run held out.
        model: Model to train; None for the run's.
        dtype: Data type of its weights; None for float32, whatever the run scored in.
        tasks: Benchmark tasks of lm-evaluation-harness.
        task_folder: Folder with further tasks.
        task_limit: Most documents per task.
        shots: Examples per document; None for the task's own number.
        pairwise: File of requests; None for no pairwise judging.
        pairwise_judge: Who judges: BACKEND:MODEL or an address.
        pairwise_model: Name of the model at that address.
        answer_tokens: Longest answer to a request.
    """

    train: Train = "top-blocks"
    draws: int = 12
    epochs: float = 3
    batch: int = 6
    learning_rate: float | None = None
    blocks: int | None = None
    rank: int = 16
    max_tokens: int = 1024
    seed: int = 0
    tokens: bool | None = None
    budget: Budget | None = None
    judge: str | None = None
    model: str | None = None
    dtype: str | None = None
    tasks: tuple[str, ...] = ()
    task_folder: Path | None = None
    task_limit: int | None = None
    shots: int | None = None
    pairwise: str | None = None
    pairwise_judge: str | None = None
    pairwise_model: str | None = None
    answer_tokens: int = 256

    @property
    def rate(self) -> float:
        """The first learning rate."""
        return LEARNING_RATES[self.train] if self.learning_rate is None else self.learning_rate

    def training(self, n_blocks: int) -> dict[str, str | int | float]:
        """The settings that decide a training, those of other trainers left out.

        Args:
            n_blocks: Number of blocks that top-blocks trains.
        """
        own: dict[str, str | int | float] = {}
        if self.train == "top-blocks":
            own["blocks"] = n_blocks
        elif self.train == "lora":
            own["rank"] = self.rank
        return {
            "train": self.train,
            **own,
            "epochs": self.epochs,
            "batch": self.batch,
            "learning_rate": self.rate,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }


def check(asked: Asked) -> None:
    """Refuse what does not fit together, before anything is opened.

    Raises:
        ConfigError: An option is invalid or lacks another one.
    """
    if asked.train not in TRAINERS:
        raise ConfigError(f"--train {asked.train}: valid: {', '.join(TRAINERS)}")
    if asked.draws < 2:
        raise ConfigError(f"--draws {asked.draws}: valid: at least 2, better 12; one draw has no spread")
    for name, value in (("--epochs", asked.epochs), ("--learning-rate", asked.rate)):
        if not 0 < value < math.inf:
            raise ConfigError(f"{name} {value:g}: valid: a number above 0")
    if asked.dtype not in (None, "float32") and (asked.train, asked.dtype) != ("lora", "bfloat16"):
        raise ConfigError(
            f"--dtype {asked.dtype}: valid with --train {asked.train}: float32"
            + (
                " or bfloat16"
                if asked.train == "lora"
                else ", as small steps are lost in half precision; --train lora can have "
                "the model in bfloat16, since its adapters are float32"
            )
        )
    for name, needs in (("task_folder", "tasks"), ("task_limit", "tasks"), ("shots", "tasks")):
        if getattr(asked, name) is not None and not asked.tasks:
            raise ConfigError(f"--{name.replace('_', '-')}: found without --{needs}, so it has no effect; valid: both")
    if (asked.pairwise is None) != (asked.pairwise_judge is None):
        raise ConfigError(
            "--pairwise and --pairwise-judge: found one of the two; valid: a file of requests and a judge, for example "
            "--pairwise-judge llamacpp:smollm2"
        )


def budget_of(text: str | None) -> Budget | None:
    """The budget of an option.

    Raises:
        ConfigError: It is not a time.
    """
    if text is None:
        return None
    try:
        budget = parse_budget(text)
    except ValueError as error:
        raise ConfigError(f"--budget: {error}") from None
    if budget.unit != "seconds":
        raise ConfigError(f"--budget {text}: valid: a time such as 90s, 5m or 1.5h")
    return budget
