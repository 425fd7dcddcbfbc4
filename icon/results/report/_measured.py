"""What the candidates nearest to the cut were measured at, from the parts of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.errors import IconError
from icon.results.report._certainty import nearest
from icon.runs.model import Model
from icon.runs.run import Run
from icon.runs.work import Work
from icon.types import ScoreRow, Status

MOST_BYTES = 400_000_000
"""Bytes of parts that are read for a page; of more, the page has no paired margins."""

Measured = Mapping[str, Mapping[str, float]]
"""Values of the scorer's own column, by candidate and by assessment sample."""


def measured_near_the_cut(run: Run, scored: Sequence[ScoreRow], kept: int, notes: list[str]) -> Measured:
    """Measurements of the candidates around the cut; empty where the score is no mean of what is measured per sample.

    No model is loaded. Parts that are missing make the page say less.

    Args:
        run: A run that has selected.
        scored: Its scored rows.
        kept: How many of them the share to keep makes.
        notes: A part that is damaged, and whatever else keeps measurements from being read, is added to it.
    """
    folder = run.directory.contributions()
    size = sum(path.stat().st_size for path in folder.rglob("part-*.parquet"))
    if not size or size > MOST_BYTES:
        return {}
    try:
        work = Work(run, Model(run), run.config.scorer)
        if not (work.scorer.needs_assessment and getattr(work.scorer, "mean_of_column", False)):
            return {}
        wanted = [row.id for row in nearest(scored, kept)]
        stores = list(work.stores())
        rows = [row for store in stores for row in store.of(wanted)]
    except (IconError, OSError) as error:
        notes.append(f"margins around the cut are not shown: {error}")
        return {}
    notes += [
        f"margins around the cut are without the pairs of {name}: its checksum does not fit its bytes"
        for store in stores
        for name in store.damaged
    ]
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        value = getattr(row, work.scorer.column)
        if row.status == Status.OK and row.assessment is not None and value is not None:
            found.setdefault(row.candidate, {})[row.assessment] = value
    return found
