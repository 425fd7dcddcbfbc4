"""Several scores of the same candidates held against each other: the scorers of one run, or several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from icon.errors import InputError
from icon.report.paired import correlation, top
from icon.runs.scores import ScoreRow
from icon.types import Keep

Scores = Mapping[str, Mapping[str, float]]


def scores_of_run(rows: Sequence[ScoreRow], scorer: str) -> dict[str, dict[str, float]]:
    """Scores by scorer and candidate: the run's own scorer first, then each that it is held against.

    Args:
        rows: scores.parquet.
        scorer: Name of the run's own scorer.
    """
    found: dict[str, dict[str, float]] = {scorer: {}}
    for row in rows:
        if row.status not in ("scored", "failed"):
            continue
        if row.score is not None:
            found[scorer][row.id] = row.score
        for name, value in row.baselines.items():
            found.setdefault(name, {})[row.id] = value
    return found


def scores_of_runs(runs: Mapping[str, Sequence[ScoreRow]]) -> dict[str, dict[str, float]]:
    """The own scores of each run by candidate."""
    return {
        name: {row.id: row.score for row in rows if row.status == "scored" and row.score is not None}
        for name, rows in runs.items()
    }


def tabulate(scores: Scores, keep: Keep) -> dict[str, Any]:
    """Rank correlation and overlap of the tops for every two of these scores, over the candidates they all have.

    Args:
        scores: Scores by name and candidate id.
        keep: The top whose overlap is told.

    Returns:
        `names`, `candidates` (how many all of them scored), `left_out` (by name: how many only some have), `top`,
        `expected` (the overlap by chance), and `pairs`: for every two names `spearman` and `overlap`.

    Raises:
        InputError: Fewer than two scores, or no candidate that all of them have.
    """
    names = list(scores)
    if len(names) < 2:
        raise InputError(
            f"found the scores of {names[0] if names else 'no scorer'} alone; valid: two or more. To measure another: "
            "icon score RUN --scorer NAME, then icon select RUN"
        )
    common = sorted(set.intersection(*(set(each) for each in scores.values())))
    if not common:
        counts = ", ".join(f"{name}: {len(each):,}" for name, each in scores.items())
        raise InputError(f"no candidate is scored by all of them ({counts}); valid: scores that meet")
    n = keep.of(len(common))
    values = {name: {id_: scores[name][id_] for id_ in common} for name in names}
    return {
        "names": names,
        "candidates": len(common),
        "left_out": {name: len(each) - len(common) for name, each in scores.items()},
        "top": n,
        "expected": n / len(common),
        "pairs": [_pair(a, b, values, n) for a, b in combinations(names, 2)],
    }


def _pair(a: str, b: str, values: Scores, n: int) -> dict[str, Any]:
    both = set(top(values[a], n)) & set(top(values[b], n))
    ranks = correlation(list(values[a].values()), list(values[b].values()))
    return {"a": a, "b": b, "spearman": ranks, "both": len(both), "overlap": len(both) / n}
