"""The tables of the settings file: a model, training, a benchmark, a pairwise set, the judge, the estimate."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from icon.errors import ConfigError
from icon_validate.pairwise.server import check_address

Arm = Literal["base", "full", "selection", "random", "longest"]


class Settings(BaseModel):
    """Base of all tables of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(Settings):
    """A model: the settings of its `icon run`, and how its training is started.

    Attributes:
        settings: A settings file of icon, relative to the chain's file.
        run: Settings of icon over those of the file.
        parameters: Number of weights, for the estimate of GPU hours.
        launch: Words in front of the training's script, such as `accelerate launch --config_file {here}/fsdp.yaml`,
            where {here} is the folder of the chain's file; empty for one process of this Python.
        devices: GPUs of its `icon run`, as `--devices` there has them; all of them by default.
    """

    settings: str | None = None
    run: dict[str, Any] = {}
    parameters: float = Field(gt=0)
    launch: tuple[str, ...] = ()
    devices: str | None = None


class Training(Settings):
    """Full fine-tuning; the defaults are the published settings, and what was not published is said in the README."""

    epochs: float = Field(3, gt=0)
    learning_rate: float = Field(2e-5, gt=0)
    batch: int = Field(128, ge=1)
    per_device: int = Field(4, ge=1)
    max_tokens: int = Field(512, ge=8)
    warmup_share: float = Field(0.03, ge=0, lt=1)
    schedule: str = "cosine"
    weight_decay: float = Field(0, ge=0)
    precision: Literal["mixed", "bfloat16", "float32"] = "mixed"
    checkpoint_activations: bool = True
    save_every: int = Field(50, ge=1)

    @model_validator(mode="after")
    def _batch_is_divisible(self) -> Self:
        if self.batch % self.per_device:
            raise ValueError(f"batch={self.batch} is no multiple of per_device={self.per_device}")
        return self


class Benchmark(Settings):
    """A column of table 1: a task of lm-evaluation-harness, or the win rate of a pairwise set.

    Attributes:
        task: Name of the task or group.
        shots: Examples in front of each question; None for the task's own number.
        metric: What is reported of it, in percent: the first of these that a task has.
        limit: Most documents per task, for trials.
        pairwise: Name of the pairwise set instead of a task.
        tokens: Tokens that it evaluates, for the estimate.
        generated: Tokens that it generates, for the estimate.
    """

    task: str | None = None
    shots: int | None = Field(None, ge=0)
    metric: tuple[str, ...] = ("acc",)
    limit: int | None = Field(None, ge=1)
    pairwise: str | None = None
    tokens: float = Field(0, ge=0)
    generated: float = Field(0, ge=0)

    @field_validator("metric", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.task is None) == (self.pairwise is None):
            raise ValueError("valid: either task or pairwise")
        return self


class PairSet(Settings):
    """A set of instructions on which two models' answers are compared.

    Attributes:
        file: JSON or JSON lines, relative to the chain's file.
        n: How many instructions it must have.
        instruction: Field of the instruction; `instances.0.input` goes into lists and objects.
        passage: Field of a text that the instruction works on; it may be absent from records.
        against: Whose answers the model's are compared with: those of a cell, or those in the field `reference`.
        reference: Field of the other answer, with against = "reference".
    """

    file: str
    n: int | None = Field(None, ge=1)
    instruction: str = "instruction"
    passage: str = "input"
    against: Literal["full", "base", "reference"] = "full"
    reference: str = "output"


class Judge(Settings):
    """Who compares: a model behind an OpenAI-compatible address, or one that a backend of icon opens.

    Attributes:
        kind: `address` asks for a letter; `local` takes the letter with the highest log-probability.
        address: Up to and with `/v1`; the environment variable OPENAI_API_KEY has the key, where one is needed.
        model: The model's name there.
        parallel: How many instructions are judged at a time there.
        backend: The backend of a local judge, with its options.
    """

    kind: Literal["address", "local"] = "address"
    address: str = "https://api.openai.com/v1"
    model: str = "gpt-4o"
    parallel: int = Field(16, ge=1)
    backend: str = "torch"
    backend_options: dict[str, Any] = {}

    @field_validator("address")
    @classmethod
    def _can_be_asked(cls, value: str) -> str:
        try:
            check_address(value)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return value


class Gpu(Settings):
    """Assumptions of the estimate; the dry run prints them.

    Attributes:
        peak: Operations per second of one GPU, dense bfloat16.
        training, scoring, generating: Shares of the peak that are reached.
        record_tokens: Tokens per record of a pool that is no local file.
        pool_records: How many records such a pool has.
        scoring_tokens: Tokens of one `icon run`; None where its own `--dry-run` is to say it.
        answer_tokens: Tokens per answer to a pairwise set.
    """

    peak: float = Field(989e12, gt=0)
    training: float = Field(0.4, gt=0, le=1)
    scoring: float = Field(0.45, gt=0, le=1)
    generating: float = Field(0.05, gt=0, le=1)
    record_tokens: float = Field(95, gt=0)
    pool_records: int = Field(52_002, ge=1)
    scoring_tokens: float | None = Field(None, gt=0)
    answer_tokens: float = Field(300, gt=0)
