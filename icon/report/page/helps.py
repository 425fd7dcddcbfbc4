"""What helps what: the mean contribution of each cluster of candidates to each group of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from icon.report.page.clusters import Clusters
from icon.runs.scores import ScoreRow

ALL, NO_TASKS = "all tasks", "mean score"
"""What the single row is called without groups: of scores over tasks, and of scores that no task entered."""
MOST_GROUPS = 60


def heat_map(rows: Sequence[ScoreRow], clusters: Clusters) -> dict[str, Any]:
    """Means of the group contributions by cluster; of the score itself, in one row, where there are no groups.

    Args:
        rows: Scored rows, in the order of the clusters' labels.
        clusters: Which cluster each is in.

    Returns:
        groups, clusters, sizes: members of each cluster; means: by group and cluster, None where nobody has one;
        overall: mean by group over all rows; grouped: whether there are groups; more: groups that are not shown.
    """
    names = sorted({name for each in rows for name in each.groups})
    shown = names[:MOST_GROUPS] or [ALL if any(each.n_assessed for each in rows) else NO_TASKS]
    table = np.array(
        [[each.groups.get(name, np.nan) if names else each.score for name in shown] for each in rows], dtype=np.float64
    ).reshape(len(rows), len(shown))
    order = [int(number) for number in np.argsort(-np.bincount(clusters.labels, minlength=len(clusters.names)))]
    return {
        "groups": shown,
        "clusters": [clusters.names[number] for number in order],
        "sizes": [int((clusters.labels == number).sum()) for number in order],
        "means": [[_mean(column[clusters.labels == number]) for number in order] for column in table.T],
        "overall": [_mean(column) for column in table.T],
        "grouped": bool(names),
        "more": max(0, len(names) - MOST_GROUPS),
    }


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
