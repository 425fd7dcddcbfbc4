"""Stage 4: show the run as one page."""

from __future__ import annotations

from icon import explanation, reporting
from icon.errors import IconError
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run


def report(run: Run, model: Model, pool: PoolReader) -> None:
    """Stage 4: show the run as one page, with the tokens of a few examples where the model is still open.

    The examples are left out within a budget, which is for the score. A page that cannot be drawn takes nothing from a
    finished run: it is a warning, and `icon report` tries again.

    Args:
        run: The run, past its third stage.
        model: Its model; it is not opened for the page.
        pool: Its pool.
    """
    if not run.config.report:
        return
    run.forget_warnings()
    if not run.config.budget:
        try:
            explanation.examples(run, model, pool)
        except IconError as error:
            run.warn(f"the tokens of examples are left out of the report: {error}")
    try:
        with run.timed("drawing the report"):
            notes: list[str] = []
            reporting.report(run, pool, None, notes)
        for note in notes:
            if note not in run.plugins.warnings:  # those are shown by themselves
                run.warn(note)
    except Exception as error:  # noqa: BLE001  whatever a page fails over, the selection is written and stays so
        run.warn(
            f"the report could not be drawn ({type(error).__name__}: {error}); to try again: icon report {run.path}"
        )
