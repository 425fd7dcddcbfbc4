"""The settings of the chain: a TOML file, checked as a whole before anything is started."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from icon._setting_faults import lines_of
from icon.config import parse_keep, resolve
from icon.errors import ConfigError
from paper.sections import Arm, Benchmark, Gpu, Judge, Model, PairSet, Settings, Training


class Chain(Settings):
    """The whole experiment.

    Attributes:
        work: Folder of all results.
        models: By name, which is the name of their folders.
        shares: Shares that are kept.
        draws: Random draws per share, for the intervals.
        arms: What is trained on; `longest` are the longest responses.
        seed: Of draws and trainings.
        labels: `per-share` selects anew for each share (`icon select --keep`); `once` takes the first ranks of the run.
        template: Prompt form of training and answers; None for that of the run.
        keep_models: Whether trained weights are kept once benchmarks and answers are done.
        include: Folder with task files of lm-evaluation-harness, relative to the chain's file.
        own_tasks: Whether the tasks of that folder are the only ones; reading the harness's own takes seconds.
    """

    folder: Path
    work: Path = Path("paper-experiment")
    models: dict[str, Model] = Field(min_length=1)
    shares: tuple[str, ...] = Field(("1%", "5%", "10%", "15%"), min_length=1)
    draws: int = Field(5, ge=0)
    arms: tuple[Arm, ...] = ("base", "full", "selection", "random")
    seed: int = Field(42, ge=0)
    labels: Literal["per-share", "once"] = "per-share"
    template: str | None = None
    keep_models: bool = True
    training: Training = Training()
    benchmarks: dict[str, Benchmark] = Field(default_factory=dict)
    include: str | None = None
    own_tasks: bool = False
    task_batch: int | str = "auto"
    pairwise: dict[str, PairSet] = Field(default_factory=dict)
    answer_batch: int = Field(16, ge=1)
    answer_tokens: int = Field(512, ge=1)
    judge: Judge = Judge()
    gpu: Gpu = Gpu()

    @field_validator("shares")
    @classmethod
    def _shares_are_shares(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            if parse_keep(text).share is None:
                raise ValueError(f"found {text!r}; valid: shares such as 15%")
        if len(set(value)) < len(value):
            raise ValueError(f"a share is given twice: {', '.join(value)}")
        return value

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name, benchmark in self.benchmarks.items():
            if benchmark.pairwise is not None and benchmark.pairwise not in self.pairwise:
                known = ", ".join(self.pairwise) or "none"
                raise ValueError(f"benchmarks.{name}: no pairwise set named {benchmark.pairwise!r}; known: {known}")
        for name, pairs in self.pairwise.items():
            if pairs.against != "reference" and pairs.against not in self.arms:
                raise ValueError(f"pairwise.{name}: against = {pairs.against!r}, which is none of the arms")
        for name in self.models:
            if not name.replace(".", "").replace("-", "").replace("_", "").isalnum():
                raise ValueError(
                    f"models.{name!r}: valid: letters, digits, dots and dashes, since folders are named so"
                )
        return self

    def run_settings(self, name: str) -> dict[str, Any]:
        """The settings of a model's `icon run`: those of its file, and those given directly.

        Raises:
            ConfigError: The file cannot be read, or icon does not take the settings.
        """
        model = self.models[name]
        file = str(self.folder / model.settings) if model.settings else None
        try:
            return resolve(model.run, file=file).model_dump(mode="json", exclude_unset=True)
        except ConfigError as error:
            raise ConfigError(f"models.{name}: {error}") from None

    def weights(self, name: str) -> str:
        """Name or folder of the model's weights, as the torch backend of its run has it.

        Raises:
            ConfigError: The run's settings name no model.
        """
        found = self.run_settings(name).get("backend_options", {}).get("model")
        if not found:
            raise ConfigError(f"models.{name}: backend_options.model is missing: the weights that are trained")
        return str(found)


def load(path: Path, work: Path | None = None) -> Chain:
    """The settings of a file, checked as a whole.

    Args:
        path: The TOML file.
        work: The folder of all results, instead of the file's.

    Raises:
        ConfigError: It cannot be read, or settings do not fit; all faults are reported at once.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file: {error}") from None
    given = {"work": work} if work is not None else {}
    try:
        chain = Chain.model_validate({**found, **given, "folder": path.resolve().parent})
    except ValidationError as error:
        lines = lines_of(error, Chain, lambda name: "")
        raise ConfigError("\n".join([f"{path}: settings that do not fit:", *(f"  {line}" for line in lines)])) from None
    for name in chain.models:
        chain.weights(name)
    return chain
