"""The Python side of the command line: the same things under the same names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.builtin import default_plugins
from icon.config import RunConfig, assessment_setting, resolve, validate
from icon.contribution.aggregate import by_candidate, contribution
from icon.errors import ConfigError, RunError
from icon.protocols import Backend, ScoringTask
from icon.runs.directory import RunDirectory, default_path
from icon.runs.manifest import load_manifest
from icon.runs.scores import ScoreRow, read_scores
from icon.session import Session, check_special_tokens
from icon.types import Contribution, Sample

if TYPE_CHECKING:
    from datasets import Dataset
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run.

    Attributes:
        path: The run directory.
        config: The settings that replay it.
        summary: The closing summary as plain data.
    """

    path: Path
    config: RunConfig
    summary: dict[str, Any]

    @property
    def rows(self) -> list[ScoreRow]:
        """scores.parquet as records."""
        return read_scores(RunDirectory(self.path).scores)

    def scores(self) -> DataFrame:
        """scores.parquet as a pandas table."""
        import pandas

        return pandas.read_parquet(RunDirectory(self.path).scores)

    def selected(self) -> Dataset:
        """selected.jsonl as a `datasets` table."""
        return _dataset(RunDirectory(self.path).selected)

    def dropped(self) -> Dataset:
        """dropped.jsonl as a `datasets` table."""
        return _dataset(RunDirectory(self.path).dropped)


def run(
    pool: str | Path = "demo",
    *,
    out: str | Path | None = None,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Any,
) -> RunResult:
    """Select from a pool, as `icon run` does.

    Args:
        pool: File, folder or hub name; "demo" is the embedded pool.
        out: The run directory; by default one that depends on the settings.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or one that is open already (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Raises:
        icon.IconError: Anything that the command line would end with, too.
    """
    from icon import pipeline

    plugins = default_plugins()
    given: dict[str, Any] = {"pool": str(pool), **settings}
    if assessment is not None:
        given |= assessment_setting(str(assessment), plugins.strategies("assessment"))
    if isinstance(backend, str):
        given["backend"] = backend
    elif backend is not None:
        given["backend"] = backend.describe().backend
    config = resolve(given, preset=preset)
    dumped = config.model_dump(mode="json")
    directory = RunDirectory(Path(out) if out is not None else default_path(dumped))
    session = Session(config, plugins, directory, directory.open(dumped), None if isinstance(backend, str) else backend)
    try:
        pipeline.run(session)
    finally:
        session.close()
    return RunResult(directory.path, config, session.manifest.results)


def load_run(path: str | Path) -> RunResult:
    """Open a run directory that is finished.

    Raises:
        icon.RunError: It is no run directory, or the run is not finished.
    """
    manifest = load_manifest(RunDirectory(Path(path)).manifest_path)
    if manifest.status != "done":
        raise RunError(f"{path}: the run is {manifest.status}, not done; the command that began it goes on with it")
    return RunResult(Path(path), validate(manifest.config), manifest.results)


def score(
    samples: Sequence[Sample],
    assessment: Sequence[Sample],
    *,
    backend: Backend,
    scorer: str = "icon",
    template: str = "alpaca",
    seed: int = 42,
    **options: Any,
) -> list[Contribution]:
    """Score candidates against an assessment set without a run directory.

    Args:
        samples: The candidates.
        assessment: The assessment set.
        backend: An open backend.
        scorer: Name of the contribution scorer.
        template: Name of the prompt template.
        seed: Seed of the random contexts.
        **options: Options of the scorer.

    Returns:
        One contribution a candidate, in order; a failure has a status and no score.
    """
    from icon.samples.templates import load_template

    if not assessment:
        raise ConfigError("the assessment set is empty; valid: at least one sample")
    defaults = RunConfig()
    rendering = load_template(template, backend.chat_template() if template == "chat" else None)
    check_special_tokens(rendering, backend)
    task = ScoringTask(
        backend=backend,
        template=rendering,
        assessment=assessment,
        seed=seed,
        max_prompt_tokens=defaults.max_prompt_tokens,
        max_demonstration_tokens=defaults.max_demonstration_tokens,
        max_response_tokens=defaults.max_response_tokens,
        truncate=True,
    )
    chosen = default_plugins().get("scorer", scorer).make(options)
    chosen.prepare(task, [])
    distinct = list({each.id: each for each in samples}.values())
    rows = by_candidate(each for found in chosen.measure(distinct) for each in found)
    groups = {each.id: each.group for each in assessment}
    return [contribution(each.id, rows[each.id], groups, chosen) for each in samples]


def load_samples(source: str | Path, **options: Any) -> list[Sample]:
    """Read the distinct samples of a file, folder or hub data set; see `icon.samples.load.load_samples`."""
    from icon.samples.load import load_samples as load

    readers = {name: strategy.make({}) for name, strategy in default_plugins().strategies("reader").items()}
    return load(str(source), **{"readers": readers, **options}).samples


def load_backend(name: str = "llamacpp", **options: Any) -> Backend:
    """Open a backend by name: a context manager that frees the model.

    Raises:
        icon.UnknownStrategyError: No such backend is installed; the message says what to install.
        icon.ConfigError: An option is unknown or has a wrong value.
    """
    backend: Backend = default_plugins().get("backend", name).make(options)
    return backend


def _dataset(path: Path) -> Dataset:
    from datasets import load_dataset

    return load_dataset("json", data_files=str(path), split="train")
