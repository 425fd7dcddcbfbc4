"""The Python side of the command line: the same things under the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from icon.config import RunConfig, assessment_setting, resolve
from icon.errors import InterruptedRun
from icon.hooks.contract import built
from icon.hooks.single_file import absolute
from icon.pipeline.builtin import default_plugins
from icon.protocols import Backend, ContributionScorer
from icon.results.loaded import RunResult, finished, result_of
from icon.runs.directory import RunDirectory, default_path
from icon.runs.manifest import load_manifest
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.scores import read_scores
from icon.types import Contribution, Sample

AnyRun = str | Path | RunResult
"""A run directory, or a result."""


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
    from icon.pipeline.stages import run_stages

    begun, model = _begun(pool, out, preset, assessment, backend, settings)
    try:
        run_stages(begun, model, PoolReader(begun))
    finally:
        model.close()
    if begun.manifest.status == "interrupted":
        raise InterruptedRun(f"{begun.path}: interrupted; the choice from what was measured is written there")
    return result_of(begun.path, begun.manifest)


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
    from icon.pipeline.planning import plan as plan_run

    begun, model = _begun(pool, None, preset, assessment, backend, settings)
    try:
        return plan_run(begun, model).model_dump(mode="json")
    finally:
        model.close()


def score(
    samples: Sequence[Sample],
    assessment: Sequence[Sample] = (),
    *,
    backend: Backend | None = None,
    scorer: str = "icon",
    template: str = "alpaca",
    seed: int = 42,
    plugins: Sequence[str] = (),
    **options: Any,
) -> list[Contribution]:
    """Score candidates without a run directory; the scores are those of a run with the same settings.

    Args:
        samples: The candidates.
        assessment: The assessment set; empty for a scorer that needs none.
        backend: An open backend; None for a scorer that needs none.
        scorer: Name of the contribution scorer.
        template: Name of the prompt template.
        seed: Seed of the random contexts.
        plugins: Python files with strategies of your own.
        **options: Options of the scorer.

    Returns:
        One contribution per candidate, in order; a failure has a status and no score.

    Raises:
        icon.ConfigError: The scorer needs an assessment set or a backend and has none, or an option does not fit.
    """
    from icon.contribution.direct import score_samples

    chosen: ContributionScorer = built(
        default_plugins(plugins).get("scorer", scorer), dict(options), ContributionScorer, "scorer"
    )
    config = RunConfig(scorer=scorer, template=template, seed=seed)
    return score_samples(samples, assessment, chosen, config, backend)


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


def load_run(path: str | Path) -> RunResult:
    """Open a run directory that is finished.

    Raises:
        icon.RunError: It is no run directory, or the run is not finished.
    """
    return result_of(Path(path), finished(Path(path)))


def compare(*runs: AnyRun) -> dict[str, Any]:
    """Compare finished runs with one another, or the scorers of one run, over the candidates that all of them scored.

    Args:
        *runs: Run directories, or results. Of a single one the scorers are compared; of two, scores, selections and
            settings; of more, the scores of every two.

    Returns:
        For two runs rank correlations, overlaps of the tops and selections, captured gain, task groups, and what
        differs in the settings; otherwise `names`, and for every two of them rank correlation and overlap of the top;
        of several runs `warnings`, too, where they are not of one pool or assessment set.
        Plain data: what `icon compare --json` prints.

    Raises:
        icon.ConfigError: No run is given, or of more than two one is given twice.
        icon.RunError: One is no run directory, or the run is not finished.
        icon.InputError: No candidate is scored by all, or a single run has one scorer only.
    """
    from icon.results.compared import compare_runs

    return compare_runs([_path(run) for run in runs])


def verify(run: AnyRun, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None) -> dict[str, Any]:
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

    opened, model = _existing(run)
    return verification.verify(opened, model, pairs=pairs, seed=seed, backend=backend)


def explain(
    run: AnyRun, id: str, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
) -> dict[str, Any]:
    """Explain one sample of a run: its score and place, what it helped and hurt, and the kept samples most like it.

    Args:
        run: A run directory, or a result; nothing in it is changed but explained.jsonl, which keeps the token details.
        id: The id of a sample, a unique beginning of one, or `row:` and the number of its row.
        tokens: Whether to measure what each response token gained from the sample, where that is not known yet.
        top: How many assessment samples of either kind, and how many neighbours.
        backend: A backend that is open already, and stays open; None to open the one of the run where it is needed.

    Returns:
        What `icon explain --json` prints, as plain data. `helped` and `hurt` are pairs with their `tokens` (pieces, and
        log-probabilities `given` and `control`); a sample that is no candidate has its reason and no numbers.

    Raises:
        icon.ConfigError: The model or the pool is not the run's any more.
        icon.InputError: No sample is meant, or several.
        icon.RunError: It is no run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon import explanation

    opened, model = _existing(run)
    return explanation.explain(opened, model, id, tokens=tokens, top=top, backend=backend)


def export(
    run: AnyRun, to: str, out: str | Path | None = None, *, which: str | None = None, **options: Any
) -> dict[str, Any]:
    """Write a finished run in a format that trainers read, as `icon export` does.

    Args:
        run: A run directory, or a result.
        to: Name of the format, such as "own", "llamafactory" or "trl"; `icon export --list` names them.
        out: File or folder to write; None for one in the run directory.
        which: "selected", "dropped" or "all"; None for what the format is for: "all" of `csv`, else "selected".
        **options: `force`, and what single formats take: `full` (csv), `repo` and `private` (hub).

    Returns:
        `records`, `files`, `left_out` (rows that the format cannot express, with the reason), `notes` and `next`, as
        plain data: what `icon export --json` prints.

    Raises:
        icon.ConfigError: The format is unknown, an option has no meaning for it, or the target exists.
        icon.InputError: None of the records can be written in this format.
        icon.RunError: The run is not finished, its files were changed, or the hub cannot be reached.
    """
    from icon.exporting import RunSource
    from icon.exporting import export as write

    path = _path(run)
    manifest = finished(path)
    strategies = default_plugins(manifest.config.plugins).strategies("reader")
    readers = {name: strategy.make({}) for name, strategy in strategies.items()}
    source = RunSource(RunDirectory(path), manifest, read_scores(RunDirectory(path).scores), readers)
    return write(source, to, out=Path(out) if out is not None else None, which=which, **options)


def write_report(run: AnyRun, out: str | Path | None = None) -> Path:
    """Write the report of a run, as `icon report` does; no model is needed.

    Args:
        run: A run directory, or a result; nothing in it is changed but report.html.
        out: The file to write; None for report.html in the run directory.

    Returns:
        The page's path.

    Raises:
        icon.RunError: It is no run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon import reporting

    opened, _ = _existing(run)
    return reporting.report(opened, PoolReader(opened), Path(out) if out is not None else None)


def _existing(run: AnyRun) -> tuple[Run, Model]:
    """An existing run, whose run.json stays as it is, and its model."""
    directory = RunDirectory(_path(run))
    manifest = load_manifest(directory.manifest_path)
    opened = Run(directory, manifest, default_plugins(manifest.config.plugins), recording=False)
    return opened, Model(opened)


def _path(run: AnyRun) -> Path:
    return run.path if isinstance(run, RunResult) else Path(run)


def _begun(
    pool: str | Path,
    out: str | Path | None,
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: Mapping[str, Any],
) -> tuple[Run, Model]:
    """The run that these arguments ask for, and its model."""
    files = settings.get("plugins", ())
    given: dict[str, Any] = {"pool": str(pool), **settings}
    given["plugins"] = tuple(absolute(str(file)) for file in ((files,) if isinstance(files, str | Path) else files))
    plugins = default_plugins(given["plugins"])
    if assessment is not None:
        given |= assessment_setting(str(assessment), plugins.strategies("assessment"))
    if backend is not None:
        given["backend"] = backend if isinstance(backend, str) else backend.describe().backend
    config = resolve(given, preset=preset)
    directory = RunDirectory(Path(out) if out is not None else default_path(config))
    begun = Run(directory, directory.open(config), plugins)
    return begun, Model(begun, None if isinstance(backend, str) else backend)
