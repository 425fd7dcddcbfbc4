"""The candidates of two runs, joined by id, and what is counted of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from icon.results.agreed import Correlation
from icon.results.agreement import correlation
from icon.results.comparison import RowCounts, SelectionOverlap
from icon.runs.row_view import RowView
from icon.types import ScoreRow


def candidates(rows: Sequence[ScoreRow]) -> RowView:
    """The rows of candidates."""
    view = RowView.of(rows)
    return view.where(view.table.are_candidates)


def joined(ours: RowView, theirs: RowView) -> tuple[RowView, RowView]:
    """Those that are in both, in the order of their ids."""
    _, first, second = np.intersect1d(ours.ids, theirs.ids, return_indices=True)
    return RowView(ours.table, ours.places[first]), RowView(theirs.table, theirs.places[second])


def row_counts(ours: RowView, theirs: RowView) -> RowCounts:
    both = len(joined(ours, theirs)[0])
    return RowCounts(
        a=len(ours),
        b=len(theirs),
        both=both,
        only_a=len(ours) - both,
        only_b=len(theirs) - both,
        no_candidate_a=len(ours.table) - len(ours),
        no_candidate_b=len(theirs.table) - len(theirs),
    )


def log_gain_correlation(a: RowView, b: RowView) -> Correlation:
    x, y = (side.numbers("log_gain") for side in (a, b))
    known = ~np.isnan(x) & ~np.isnan(y)
    found = correlation(x[known], y[known])
    if known.any():
        return found
    return found.model_copy(
        update={"reason": "not measured in both: a scorer that looks at a candidate alone has no log-gain"}
    )


def selections(a: RowView, b: RowView) -> SelectionOverlap:
    ours, theirs = (side.where(side.selected) for side in (a, b))
    n_a, n_b, both = len(ours), len(theirs), len(joined(ours, theirs)[0])
    union = n_a + n_b - both
    return SelectionOverlap(
        a=n_a,
        b=n_b,
        both=both,
        jaccard=both / union if union else None,
        share_of_a=both / n_a if n_a else None,
        share_of_b=both / n_b if n_b else None,
    )


def groups_of_first(rows: RowView, other: RowView) -> tuple[str, ...]:
    """Task groups that only the first run has contributions for."""
    return tuple(sorted(_groups(rows) - _groups(other)))


def _groups(rows: RowView) -> set[str]:
    names = rows.table.names_in("groups")
    return {name for name in names if not np.isnan(rows.table.of_map("groups", name)[rows.places]).all()}
