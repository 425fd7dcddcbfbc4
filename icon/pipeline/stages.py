"""The order of the stages.

assess -> score -> select -> report: each takes up what is finished, does the rest, and records it in run.json.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from icon.errors import IconError, InterruptedRun, UserError
from icon.pipeline.assess import assess
from icon.pipeline.choice import Choice
from icon.pipeline.report import report
from icon.pipeline.score import score, score_share
from icon.pipeline.select import select
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.records import Stages
from icon.runs.run import Run

__all__ = ["Choice", "assess", "perform", "report", "run_stages", "score", "score_share", "select"]


def run_stages(run: Run, model: Model, pool: PoolReader) -> None:
    """All stages, one after the other.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
        UserError: The call or the input is wrong; a run that was begun with it and measured nothing is taken away.
    """
    begun = not run.directory.manifest_path.exists()
    try:
        perform(run, "assess", lambda: assess(run, model, pool))
        perform(run, "score", lambda: score(run, model, pool))
        perform(run, "select", lambda: select(run, model, pool, Choice(run.config)))
        perform(run, "report", lambda: report(run, model, pool))
    except IconError as error:
        if begun and error.exit_code == UserError.exit_code:
            run.directory.discard()
        raise


def perform(run: Run, name: str, stage: Callable[[], None]) -> None:
    """One stage, leaving run.json true whatever happens.

    Args:
        run: The run.
        name: Name of the stage: assess, score, select or report.
        stage: Performs it.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    start = time.perf_counter()
    times = run.manifest.times
    if times.started is None:
        run.note_times(started=datetime.now(UTC).isoformat(timespec="seconds"))
    run.note(versions=run.plugins.versions())
    run.stage, before = name, run.manifest.stages
    try:
        stage()
    except KeyboardInterrupt:
        if name != "report" and not _is_untouched(run, before):  # `icon report` draws the page of a whole run
            run.note(status="interrupted")
        run.save()
        raise InterruptedRun(f"{run.path}: interrupted; what is finished is kept") from None
    run.note_times(
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        total_seconds=round((run.manifest.times.total_seconds or 0.0) + time.perf_counter() - start, 3),
    )
    finished = name in ("select", "report") or _is_untouched(run, before)
    run.note(status="interrupted" if run.manifest.was_stopped else "done" if finished else "running")
    run.save()


def _is_untouched(run: Run, before: Stages) -> bool:
    """Whether a run that was done still is: whatever measures records first that it is running."""
    return run.manifest.status == "done" and run.manifest.stages == before
