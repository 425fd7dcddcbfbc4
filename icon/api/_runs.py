"""The Python interface, runs: run, preview and plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from icon._presets import PREVIEW
from icon.api._beginning import addressed, begun, named, said_of_object
from icon.api._result import RunResult, result_of
from icon.api._signature import with_settings
from icon.api.settings import Settings
from icon.errors import InterruptedRun
from icon.pipeline.progress import Progress, refuse_other, showing
from icon.plugins import Backend, Executor
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

if TYPE_CHECKING:
    from icon.api._given import AnyPool


@with_settings({})
def run(
    pool: AnyPool = "demo",
    *,
    out: str | Path | None = None,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    executor: str | Executor | None = None,
    executor_options: Mapping[str, Any] | None = None,
    progress: Progress = "auto",
    **settings: Unpack[Settings],
) -> RunResult:
    """Select from a pool, as `icon run` does.

    An object is written into the run directory once, as `given_pool.jsonl` or `given_pool.parquet`, so that the same
    call goes on with its run: a Dataset, a DataFrame and an Arrow table as Parquet, which keeps their types; dicts as
    JSON Lines, where tuples become lists and numbers of numpy plain ones, and anything JSON has no form for is refused.

    Args:
        pool: File, folder or hub name, or several of them; a `datasets.Dataset`, a DataFrame, another table that Arrow
            reads, or an iterable of dicts. "demo" is the embedded pool.
        out: The run directory; by default one that depends on the settings, and on the records of an object.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or an open backend (it stays open).
        executor: Who measures: "local" (this process, the default), "processes" (one per device), an executor of a
            plugin, such as "ray", or an `icon.plugins.Executor`, which is closed
            at the end. The files are the same, so it is no setting.
        executor_options: Its options, such as {"devices": ["0", "1"]} or {"address": "auto"}.
        progress: "auto" is a bar on a terminal, a display in a notebook, else lines on standard error; False for
            nothing, or a function that gets every event.
        **settings: Any field of `icon.RunConfig`.

    Raises:
        icon.InterruptedRun: Stopped by Ctrl-C; the same call goes on. A race has written its selection so far.
        icon.InputError: An object holds no records, or others than those that the run was begun with.
        icon.IconError: Any error that would end the command line.
    """
    refuse_other(progress)
    with named(settings):
        begun_run, model = begun(
            pool,
            out,
            preset,
            assessment,
            backend,
            settings,
            writing=True,
            executor=executor,
            executor_options=executor_options,
        )
        _perform(begun_run, model, progress)
    return result_of(begun_run.path, begun_run.manifest)


@with_settings(PREVIEW)
def preview(
    pool: AnyPool = "demo",
    *,
    out: str | Path | None = None,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    executor: str | Executor | None = None,
    executor_options: Mapping[str, Any] | None = None,
    progress: Progress = "auto",
    **settings: Unpack[Settings],
) -> RunResult:
    """Select from a pool within five minutes, and say how far to trust it, as `icon preview` does.

    Args:
        pool: As for `icon.run`.
        out: Likewise.
        preset: Likewise.
        assessment: Likewise.
        backend: Likewise; by default llamacpp.
        executor: Likewise.
        executor_options: Likewise.
        progress: Likewise.
        **settings: Any field of `icon.RunConfig`. By default 200 candidates are scored in a race of five minutes.

    Returns:
        The result, whose `judgement` says how reliable the choice is and what the full run would take.

    Raises:
        icon.InterruptedRun: Stopped by Ctrl-C; the same call goes on.
        icon.IconError: Any error that would end the command line.
    """
    from icon.pipeline.preview import judgement, tokens_of_every_pair

    found: dict[str, Any] | None = None

    def judge(done: Run, model: Model, reader: PoolReader) -> None:
        nonlocal found
        results = done.manifest.results
        if results is not None and results.race is not None:
            tokens = tokens_of_every_pair(done, model, reader)
            found = asdict(judgement(results, results.race, done.manifest.times, tokens))

    refuse_other(progress)
    with named(settings):
        begun_run, model = begun(
            pool,
            out,
            preset,
            assessment,
            backend,
            settings,
            below=PREVIEW,
            writing=True,
            executor=executor,
            executor_options=executor_options,
        )
        _perform(begun_run, model, progress, judge)
    return result_of(begun_run.path, begun_run.manifest, found)


def _perform(
    run: Run,
    model: Model,
    progress: Progress,
    closing: Callable[[Run, Model, PoolReader], None] = lambda *_: None,
) -> None:
    """All stages of a run, which is released at the end, and the model closed.

    Raises:
        InterruptedRun: It was stopped.
    """
    from icon.pipeline.stages import run_stages

    try:
        reader = PoolReader(run)
        with said_of_object(run), showing(run, progress):
            run_stages(run, model, reader)
            closing(run, model, reader)
    finally:
        model.close()
        run.release()
    if run.manifest.status == "interrupted":
        raise InterruptedRun(f"{run.path}: interrupted; the selection from what was measured is written")


@with_settings({})
def plan(
    pool: AnyPool = "demo",
    *,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Unpack[Settings],
) -> dict[str, Any]:
    """Estimate what a run would do and take, as `icon plan` does; nothing is written.

    Args:
        pool: As for `icon.run`.
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

    with named(settings), addressed(pool, settings) as address:
        begun_run, model = begun(address, None, preset, assessment, backend, settings)
        try:
            return plan_run(begun_run, model).model_dump(mode="json")
        finally:
            model.close()
