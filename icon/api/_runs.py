"""The Python interface, runs: run, plan, score, load_samples and load_backend."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from icon import network, trust
from icon.config import assessment_setting, resolve, validate
from icon.errors import InterruptedRun
from icon.pipeline.builtin import default_plugins
from icon.plugins import Backend, ContributionScorer
from icon.plugins.single_file import absolute
from icon.plugins.strategies import built
from icon.results.loaded import RunResult, result_of
from icon.runs.directory import default_path
from icon.runs.entering import begin
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.types import Contribution, Sample


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
        backend: Name of a backend, or an open backend (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Raises:
        icon.InterruptedRun: Stopped by Ctrl-C; the same call goes on. A race has written its selection so far.
        icon.IconError: Any error that would end the command line.
    """
    from icon.pipeline.stages import run_stages

    with _named(settings):
        begun, model = _begun(pool, out, preset, assessment, backend, settings, writing=True)
        try:
            run_stages(begun, model, PoolReader(begun))
        finally:
            model.close()
            begun.release()
    if begun.manifest.status == "interrupted":
        raise InterruptedRun(f"{begun.path}: interrupted; the selection from what was measured is written")
    return result_of(begun.path, begun.manifest)


def plan(
    pool: str | Path = "demo",
    *,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Estimate what a run would do and take, as `icon plan` does; nothing is written.

    Args:
        pool: File, folder or hub name; "demo" is the embedded pool.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or an open backend (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Returns:
        Pairs, passes, tokens, FLOPs, seconds, memory and disk in bytes; `seconds` is None where no speed could be
        measured, and `note` says why.

    Raises:
        icon.IconError: Any error that would end the command line.
    """
    from icon.pipeline.plan import plan as plan_run

    with _named(settings):
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
    template: str = "auto",
    seed: int = 42,
    equal_length: Literal["auto", "regress", "strata", "none"] = "auto",
    skip_tokens: int = 0,
    primed: bool = False,
    plugins: Sequence[str] = (),
    **options: Any,
) -> list[Contribution]:
    """Score candidates without a run directory; the scores are those of a run with the same settings.

    Args:
        samples: The candidates.
        assessment: The assessment set; empty for a scorer that needs none.
        backend: An open backend; None for a scorer that needs none.
        scorer: Name of the contribution scorer.
        template: Name of the prompt template; "auto" is the model's chat template where it has one and the backend
            reads its special tokens (`load_backend(..., special_tokens="auto")`), else "alpaca".
        seed: Seed of the random contexts.
        equal_length: How candidates are compared at equal response length; see `icon.RunConfig`.
        skip_tokens: How many tokens at the beginning of each response count in no score.
        primed: Whether one neutral demonstration stands in front of every text.
        plugins: Python files with strategies.
        **options: Options of the scorer.

    Returns:
        One contribution per candidate, in order; a failure has a status and no score.

    Raises:
        icon.ConfigError: The scorer needs an assessment set or a backend and gets none, an option is invalid, or too
            few candidates have a score to compare them at equal length.
    """
    from icon.pipeline.schedule import samples_of
    from icon.scorers.task import score_samples

    with network.as_named():
        chosen: ContributionScorer = built(
            default_plugins(plugins).get("scorer", scorer), dict(options), ContributionScorer, "scorer"
        )
        settings = {"scorer": scorer, "template": template, "seed": seed, "equal_length": equal_length}
        config = validate({**settings, "skip_tokens": skip_tokens, "primed": primed})
        used = samples_of(chosen, assessment, seed)
        return score_samples(samples, used, chosen, config, backend, whole=assessment)


def load_samples(source: str | Path, **options: Any) -> list[Sample]:
    """Read the distinct samples of a file, folder or hub data set; see `icon.samples.load_samples`."""
    from icon.samples.load import load_samples as load

    with network.as_named():
        readers = {name: strategy.make({}) for name, strategy in default_plugins().strategies("reader").items()}
        return load(str(source), **{"readers": readers, **options}).samples


def load_backend(name: str = "llamacpp", **options: Any) -> Backend:
    """Open a backend by name: a context manager that frees the model.

    Raises:
        icon.UnknownStrategyError: No such backend is installed; the message says what to install.
        icon.ConfigError: An option is unknown or has a wrong value.
    """
    with network.as_named():
        backend: Backend = default_plugins().get("backend", name).make(options)
    return backend


@contextmanager
def _named(settings: Mapping[str, Any]) -> Iterator[None]:
    """Context of a call whose arguments name plugin files and options: what they name, the caller allows."""
    stages = ("assessment", "backend", "scorer", "selector")
    options = {f"{stage}.{name}" for stage in stages for name in settings.get(f"{stage}_options") or ()}
    with trust.calling(options=options) as caller, network.as_named():
        yield
    for fault in caller.faults:
        warnings.warn(fault, stacklevel=4)


def _begun(
    pool: str | Path,
    out: str | Path | None,
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: Mapping[str, Any],
    *,
    writing: bool = False,
) -> tuple[Run, Model]:
    """Open or begin the run that these arguments describe; returns it and its model.

    Where anything is to be written, the run is locked until `Run.release`.
    """
    files = settings.get("plugins", ())
    given: dict[str, Any] = {"pool": str(pool), **settings}
    given["plugins"] = tuple(absolute(str(file)) for file in ((files,) if isinstance(files, str | Path) else files))
    plugins = default_plugins(given["plugins"])
    trust.remember_plugins()
    if assessment is not None:
        given |= assessment_setting(str(assessment), plugins.strategies("assessment"))
    if backend is not None:
        given["backend"] = backend if isinstance(backend, str) else backend.describe().backend
    config = resolve(given, preset=preset)
    entered = begin(Path(out) if out is not None else default_path(config), config, writing=writing)
    try:
        begun = Run(entered.directory, entered.manifest, plugins, release=entered.close)
        for warning in entered.warnings:
            warnings.warn(warning, stacklevel=4)
        return begun, Model(begun, None if isinstance(backend, str) else backend)
    except BaseException:
        entered.close()
        raise
