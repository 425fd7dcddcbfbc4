"""Several scores of the same candidates compared, joined by id: correlations, overlaps, captured gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

from icon.errors import InputError
from icon.scorers.formulas import spearman
from icon.types import Keep, ScoreRow

SHARES = (0.05, 0.10, 0.15, 0.25)
"""The tops whose overlap is told."""

GAIN_SHARE = 0.15
"""The top whose captured gain is told: what the paper keeps."""

Scores = Mapping[str, Mapping[str, float]]


def correlation(a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """Spearman's rank correlation of two lists in one order, with n; where there is none, None and the reason."""
    value, reason = spearman(a, b), ""
    if value is None:
        reason = f"{len(a)} in common, at least 3 are needed" if len(a) < 3 else "all values of one side are equal"
    return {"value": value, "n": len(a), "reason": reason}


def top(scores: Mapping[str, float], n: int) -> list[str]:
    """Ids of the n highest scores, ties broken by id."""
    return sorted(scores, key=lambda id_: (-scores[id_], id_))[:n]


def overlaps(a: Mapping[str, float], b: Mapping[str, float]) -> list[dict[str, Any]]:
    """For each of `SHARES`: how much of the top k of one is in the top k of the other, beside k/n, that of chance.

    Args:
        a: Scores by id.
        b: The other scores of the same ids.
    """
    found = []
    for share in SHARES:
        n = Keep(share=share).of(len(a))
        both = len(set(top(a, n)) & set(top(b, n)))
        found.append({"share": share, "top": n, "both": both, "overlap": both / n, "expected": n / len(a)})
    return found


def captured_gain(chosen_by: Mapping[str, float], judged_by: Mapping[str, float]) -> dict[str, Any]:
    """Give (mean of the chosen - mean of all) / (mean of the best - mean of all), each a mean of the judging scores.

    1 says that the choice is as good, in the eyes of the other run, as that run's own; 0, as good as chance.

    Args:
        chosen_by: Scores whose top `GAIN_SHARE` is chosen, by id.
        judged_by: Scores of the same ids that the choice is judged by.
    """
    n = Keep(share=GAIN_SHARE).of(len(judged_by))
    everything = fmean(judged_by.values())
    best = fmean(judged_by[id_] for id_ in top(judged_by, n)) - everything
    if n == len(judged_by) or len(set(judged_by.values())) == 1 or best <= 0:
        reason = "one candidate is all there is" if len(judged_by) == 1 else "no score stands above the mean"
        return {"value": None, "top": n, "reason": reason}
    chosen = fmean(judged_by[id_] for id_ in top(chosen_by, n)) - everything
    return {"value": chosen / best, "top": n, "reason": ""}


def group_differences(a: Mapping[str, ScoreRow], b: Mapping[str, ScoreRow]) -> dict[str, dict[str, Any]]:
    """By task group: n, mean group contribution in each run, mean difference (b - a), rank correlation.

    Args:
        a: Rows of candidates that are scored in both, by id.
        b: The other run's rows of the same ids.
    """
    names_a, names_b = ({name for row in side.values() for name in row.groups} for side in (a, b))
    found = {}
    for name in sorted(names_a & names_b):
        ids = [id_ for id_ in a if name in a[id_].groups and name in b[id_].groups]
        ours, theirs = ([side[id_].groups[name] for id_ in ids] for side in (a, b))
        if ids:
            found[name] = {
                "n": len(ids),
                "mean_a": fmean(ours),
                "mean_b": fmean(theirs),
                "difference": fmean(theirs) - fmean(ours),
                "spearman": correlation(ours, theirs),
            }
    return found


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
