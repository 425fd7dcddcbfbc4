"""The order of the stages.

assess -> score -> select -> report: each takes up what is finished, does the rest, and says so in run.json.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from icon.errors import IconError, InterruptedRun, UserError
from icon.runs.directory import fingerprint
from icon.session import Session
from icon.stages.assess import assess
from icon.stages.report import report
from icon.stages.score import score, score_share
from icon.stages.select import select

__all__ = ["assess", "perform", "report", "run", "score", "score_share", "select"]


def run(session: Session) -> None:
    """All stages, one after the other.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
        UserError: The call or the input is wrong; a run that was begun with it and measured nothing is taken away.
    """
    begun = not session.directory.manifest_path.exists()
    try:
        for stage in (assess, score, select, report):
            perform(session, stage)
    except IconError as error:
        if begun and error.exit_code == UserError.exit_code:
            session.directory.discard()
        raise


def perform(session: Session, stage: Callable[[Session], None]) -> None:
    """One stage, leaving run.json true whatever happens."""
    start = time.perf_counter()
    times = session.manifest.times
    times.setdefault("started", datetime.now(UTC).isoformat(timespec="seconds"))
    session.manifest.versions = session.plugins.versions()
    session.stage_name = stage.__name__
    before = fingerprint(session.manifest.stages)
    try:
        stage(session)
    except KeyboardInterrupt:
        if stage is not report and not _is_untouched(session, before):  # `icon report` draws the page of a whole run
            session.manifest.status = "interrupted"
        session.save()
        raise InterruptedRun(f"{session.directory.path}: interrupted; what is finished is kept") from None
    times["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    times["total_seconds"] = round(times.get("total_seconds", 0.0) + time.perf_counter() - start, 3)
    stages = session.manifest.stages
    finished = stage in (select, report) or _is_untouched(session, before)
    stopped = stages.get("score", {}).get("race", {}).get("ended") == "interrupted"
    session.manifest.status = "interrupted" if stopped else "done" if finished else "running"
    session.save()


def _is_untouched(session: Session, before: str) -> bool:
    """Whether a run that was done still is: whatever measures says first that it is running."""
    return session.manifest.status == "done" and fingerprint(session.manifest.stages) == before
