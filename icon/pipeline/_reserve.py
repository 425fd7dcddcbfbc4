"""How much of a budget of time what follows the measuring needs."""

from __future__ import annotations

import time

from icon.pipeline._slowness import slowness
from icon.runs.run import Run

SELECT_SECONDS, SELECT_PER_ROW = 1.5, 5e-4
"""Seconds of stage 3, and per row: 50,000 rows took 23 s with the lexical classifier."""
REPORT_SECONDS, REPORT_PER_ROW = 2.0, 1e-3
"""The same for the report, where one is drawn."""
LATE_SECONDS = 6.0
"""How much later than the budget a report may be finished; one that would take longer is left for `icon report`."""


def reserve(run: Run, rows: int) -> float:
    """Seconds that stage 3 and the report take on this machine as it is now.

    Stage 3 reads the pool again, may train a classifier, and writes the pool.

    Args:
        run: The run.
        rows: Rows of its pool.
    """
    fixed, per_row = SELECT_SECONDS, SELECT_PER_ROW
    if run.config.report:
        fixed, per_row = fixed + REPORT_SECONDS, per_row + REPORT_PER_ROW
    return 2 * run.watch.took.get("reading the pool", 0.0) + (fixed + per_row * rows) * slowness()


def has_time_for_report(run: Run, rows: int) -> bool:
    """Whether the report can be drawn about within a budget of time; True without one."""
    budget = run.config.budget_amount
    if budget is None or budget.unit != "seconds":
        return True
    takes = (REPORT_SECONDS + REPORT_PER_ROW * rows) * slowness()
    return time.perf_counter() + takes <= run.watch.started + budget.amount + LATE_SECONDS
