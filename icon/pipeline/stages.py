"""The order of the stages: assess -> score -> select -> report. The last is in this file.

Each stage keeps finished work, does the rest, and records it in run.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from icon.errors import ConfigError, IconError, InterruptedRun, UserError, WrongRunError
from icon.pipeline._narrowing import narrowed
from icon.pipeline._reserve import has_time_for_report
from icon.pipeline.assess import assess, find_model
from icon.pipeline.measuring import Share
from icon.pipeline.planned import Choice, joined, planned
from icon.pipeline.score import measure_share, score_planned
from icon.pipeline.select import select_planned
from icon.plugins import RunFinished, RunStarted
from icon.results import explain
from icon.results import report as reporting
from icon.results.figures import figures_of
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.records import Stages
from icon.runs.run import Run
from icon.runs.unfinished import not_done
from icon.samples.shareable import shareable

__all__ = [
    "Choice",
    "assess",
    "discarded_if_wrong",
    "observed",
    "perform",
    "report",
    "run_stages",
    "score",
    "score_share",
    "select",
]


def run_stages(run: Run, model: Model, pool: PoolReader) -> None:
    """Perform all stages, in order.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
        UserError: The call or the input is wrong; a new run that has not measured anything is deleted.
    """
    with discarded_if_wrong(run, model), said_when_interrupted(run), observed(run):
        find_model(run, model)
        perform(run, "assess", lambda: assess(run, model, pool))
        perform(run, "score", lambda: score(run, model, pool))
        perform(run, "select", lambda: select(run, model, pool, Choice(run.config)))
        perform(run, "report", lambda: report(run, model, pool, opening=True))


@contextmanager
def observed(run: Run) -> Iterator[None]:
    """Let observers know that the work on a run begins, and how it ends."""
    run.emit(RunStarted(str(run.path), shareable(run.config.model_dump(mode="json"))))
    status = "failed"
    try:
        yield
        status = run.manifest.status
    except (InterruptedRun, KeyboardInterrupt):
        status = "interrupted"
        raise
    finally:
        run.emit(RunFinished(str(run.path), status, figures_of(run.manifest)))


@contextmanager
def said_when_interrupted(run: Run) -> Iterator[None]:
    """Let Ctrl-C end as within a stage, where it comes between two or while one is recorded.

    run.json is taken as it is on the disk, since what this process was about to write may be half done.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    try:
        yield
    except KeyboardInterrupt:
        path = run.directory.manifest_path
        if run.recording and path.exists() and (manifest := load_manifest(path)).status == "running":
            times = run.watch.counted(manifest.times).model_copy(update={"finished": _now()})
            manifest.updated(status="interrupted", times=times).save(path)
        raise InterruptedRun(f"{run.path}: interrupted; what is finished is kept") from None


def _kept(run: Path, manifest: Manifest) -> str:
    """What a run that was stopped has: a selection that is whole, where it was stopped behind stage 3."""
    if manifest.status == "done" and manifest.has_selection:
        return f"what is finished is kept: the selection is whole. To use it: icon export {quote(str(run))} --to trl"
    return "what is finished is kept"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def discarded_if_wrong(run: Run, model: Model) -> Iterator[None]:
    """Delete the run, if it is begun here, where call or input turn out wrong before the model has read anything.

    So the corrected command finds the place free. What scorers without a model measured goes with it.
    """
    is_new = not run.directory.manifest_path.exists() and not run.directory.contributions().exists()
    before = model.tokens_evaluated
    try:
        yield
    except IconError as error:
        if is_new and error.exit_code == UserError.exit_code and model.tokens_evaluated == before:
            run.directory.discard()
        raise


def score(run: Run, model: Model, pool: PoolReader, asked: Sequence[str] = ()) -> None:
    """Stage 2: measure the candidates; scorers in `asked` join the run's baselines. See `score.score_planned`."""
    with joined(run, asked):
        score_planned(run, planned(run, model, pool.samples, asked))


def score_share(run: Run, model: Model, pool: PoolReader, share: Share, asked: Sequence[str] = ()) -> None:
    """Measure one share of stage 2. See `score.measure_share`.

    Raises:
        ConfigError: Further scorers are asked for beside a race.
    """
    with joined(run, asked):
        plan = planned(run, model, pool.samples, asked)
        if plan.is_raced and asked:
            raise ConfigError(
                "--share: in a race only the run's own scorer has shares; valid: --scorer without --share"
            )
        names = [run.config.scorer] if plan.is_raced else list(plan.works)
        measure_share(run, plan, share, names)


def select(run: Run, model: Model, pool: PoolReader, choice: Choice) -> None:
    """Stage 3: select from the pool. See `select.select_planned`.

    Raises:
        WrongRunError: Nothing is scored yet.
    """
    stage = run.manifest.stages.score
    if stage is None:
        raise WrongRunError(not_done(run.path, run.manifest))
    run.forget_warnings()
    select_planned(run, narrowed(planned(run, model, pool.samples), choice.config), stage, choice)


def perform(run: Run, name: str, stage: Callable[[], None]) -> None:
    """Perform one stage, and record it in run.json, also when it is interrupted.

    Args:
        run: The run.
        name: Name of the stage: assess, score, select or report.
        stage: Performs it.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    with said_when_interrupted(run):
        _perform(run, name, stage)


def _perform(run: Run, name: str, stage: Callable[[], None]) -> None:
    run.watch.begin()
    times = run.manifest.times
    if times.started is None:
        run.note_times(started=_now())
    run.note(versions=run.plugins.versions())
    run.stage, before = name, run.manifest
    try:
        stage()
    except BaseException as error:
        if name in ("assess", "select"):  # all or nothing; the others keep what they have published
            run.withdraw(before)
        if not isinstance(error, KeyboardInterrupt):
            raise
        if name == "report":  # the run is finished without its report, whose examples may have begun to measure
            run.note(status=before.status)
        elif not _is_untouched(run, before.stages):
            run.note(status="interrupted")
        run.note_times(finished=_now())
        run.save()
        raise InterruptedRun(f"{run.path}: interrupted; {_kept(run.path, run.manifest)}") from None
    run.note_times(finished=_now())
    finished = name in ("select", "report") or _is_untouched(run, before.stages)
    run.note(status="interrupted" if run.manifest.was_stopped else "done" if finished else "running")
    run.save()


def _is_untouched(run: Run, before: Stages) -> bool:
    """Whether a finished run is still finished: `Run.begin_measuring` would have set its status to running."""
    return run.manifest.status == "done" and run.manifest.stages == before


def report(run: Run, model: Model, pool: PoolReader, *, opening: bool = False) -> None:
    """Stage 4: draw the report, with the tokens of a few examples.

    It is left out where a budget of time is over. The examples are left out within a budget, which is for scoring, and
    where a race was stopped: its selection is not the last one, and whoever stopped it waits. A report that cannot be
    drawn is a warning, since the selection is finished; `icon report` tries again.

    Args:
        run: The run, past its third stage.
        model: Its model.
        pool: Its pool.
        opening: Whether the model may be opened for the examples; else they are measured where it is still open.
    """
    if not run.config.report:
        return
    run.forget_warnings()
    if opening and not has_time_for_report(run, pool.samples.n_rows):
        run.warn(f"the report is left out, since the time of the budget is over; to draw it: icon report {run.path}")
        return
    if not run.config.budget and not run.manifest.was_stopped:
        try:
            explain.examples(run, model, pool, opening=opening)
        except IconError as error:
            run.warn(f"the tokens of examples are left out of the report: {error}")
    try:
        with run.timed("drawing the report"):
            notes: list[str] = []
            reporting.report(run, pool, None, notes)
        for note in notes:
            if note not in run.plugins.warnings:  # those are shown anyway
                run.warn(note)
    except Exception as error:  # noqa: BLE001  whatever fails, the selection is written and stays
        run.warn(
            f"the report could not be drawn ({type(error).__name__}: {error}); to try again: icon report {run.path}"
        )
