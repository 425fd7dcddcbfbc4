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
from icon.report import comparison
from icon.runs.directory import RunDirectory, default_path
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.scores import ScoreRow, read_scores
from icon.session import Session
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
    manifest = _finished(Path(path))
    return RunResult(Path(path), validate(manifest.config), manifest.results)


def compare(a: str | Path | RunResult, b: str | Path | RunResult) -> dict[str, Any]:
    """Hold two finished runs against each other, over the candidates that are scored in both, joined by id.

    Args:
        a: A run directory, or a result.
        b: The other one.

    Returns:
        Rank correlations, overlaps of the tops and selections, captured gain, task groups, and what differs in the
        settings, as plain data: what `icon compare --json` prints.

    Raises:
        icon.RunError: One is no run directory, or the run is not finished.
        icon.InputError: No candidate is scored in both.
    """
    return comparison.compare(_side(a), _side(b))


def verify(
    run: str | Path | RunResult, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None
) -> dict[str, Any]:
    """Measure a random sample of a run's finished pairs again, one at a time, in the backend's most exact form.

    Args:
        run: A run directory, or a result; nothing in it is changed.
        pairs: How many pairs to draw; all of them where there are fewer.
        seed: Seed of the draw.
        backend: A backend that is open already, and stays open; None to open the one of the run.

    Returns:
        Largest and mean errors with the pair they are of, rank correlations, and the pairs that could not be measured
        again, as plain data: what `icon verify --json` prints. `sentence` sums it up.

    Raises:
        icon.ConfigError: The scorer uses no model, or the model or the pool is not the run's any more.
        icon.RunError: It is no run directory, or nothing is scored yet.
    """
    from icon import verification

    directory = RunDirectory(_path(run))
    manifest = load_manifest(directory.manifest_path)
    session = Session(validate(manifest.config), default_plugins(), directory, manifest)
    return verification.verify(session, pairs=pairs, seed=seed, backend=backend)


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
    from icon.samples.templates import check_special_tokens, load_template

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


def _path(run: str | Path | RunResult) -> Path:
    return run.path if isinstance(run, RunResult) else Path(run)


def _side(run: str | Path | RunResult) -> comparison.Side:
    path = _path(run)
    manifest = _finished(path)
    return comparison.Side(str(path), read_scores(RunDirectory(path).scores), manifest)


def _finished(path: Path) -> Manifest:
    manifest = load_manifest(RunDirectory(path).manifest_path)
    if manifest.status != "done":
        raise RunError(f"{path}: the run is {manifest.status}, not done; the command that began it goes on with it")
    return manifest


def _dataset(path: Path) -> Dataset:
    from datasets import load_dataset

    return load_dataset("json", data_files=str(path), split="train")
