"""Stage 4: show the run as one page."""

from __future__ import annotations

from icon import explanation, reporting
from icon.errors import IconError
from icon.session import Session


def report(session: Session) -> None:
    """Stage 4: show the run as one page, with the tokens of a few examples where the model is still open.

    The examples are left out within a budget, which is for the score. A page that cannot be drawn takes nothing from a
    run that is finished: it is told, and `icon report` tries again.
    """
    if not session.config.report:
        return
    session.manifest.warnings[session.stage_name] = []
    if not session.config.budget:
        try:
            explanation.examples(session)
        except IconError as error:
            session.warn(f"the tokens of examples are left out of the report: {error}")
    try:
        with session.stage("drawing the report"):
            notes: list[str] = []
            reporting.report(session, None, notes)
        for note in notes:
            if note not in session.plugins.warnings:  # those are told by themselves
                session.warn(note)
    except Exception as error:  # noqa: BLE001  whatever a page fails over, the selection is written and stays so
        session.warn(
            f"the report could not be drawn ({type(error).__name__}: {error}); to try again: icon report "
            f"{session.directory.path}"
        )
