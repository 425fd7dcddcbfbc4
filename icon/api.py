"""The Python side of the command line: the same things under the same names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.builtin import default_plugins
from icon.config import RunConfig, assessment_setting, resolve, validate
from icon.errors import InterruptedRun, RunError
from icon.protocols import Backend
from icon.report import comparison
from icon.runs.directory import RunDirectory, default_path
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.scores import ScoreRow, read_scores
from icon.session import Session

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
        icon.InterruptedRun: Stopped by Ctrl-C; the same call goes on. A race has written the choice of that moment.
        icon.IconError: Anything that the command line would end with, too.
    """
    from icon import pipeline

    session = _session(pool, out, preset, assessment, backend, settings)
    try:
        pipeline.run(session)
    finally:
        session.close()
    if session.manifest.status == "interrupted":
        raise InterruptedRun(
            f"{session.directory.path}: interrupted; the choice from what was measured is written there"
        )
    return RunResult(session.directory.path, session.config, session.manifest.results)


def plan(
    pool: str | Path = "demo",
    *,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Say what such a run would do and take, as `icon plan` does; nothing is written.

    Args:
        pool: File, folder or hub name; "demo" is the embedded pool.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or one that is open already (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Returns:
        Pairs, passes, tokens, FLOPs, seconds, memory and disk in bytes; `seconds` is None where no speed could be
        measured, and `note` says why.

    Raises:
        icon.IconError: Anything that the command line would end with, too.
    """
    from icon import planning

    session = _session(pool, None, preset, assessment, backend, settings)
    try:
        return planning.plan(session)
    finally:
        session.close()


def _session(
    pool: str | Path,
    out: str | Path | None,
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: dict[str, Any],
) -> Session:
    """A session on the run that these arguments ask for."""
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
    return Session(config, plugins, directory, directory.open(dumped), None if isinstance(backend, str) else backend)


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
