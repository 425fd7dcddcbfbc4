"""Figures over the candidates that two rankings have in common, joined by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from icon.contribution.agreement import spearman
from icon.runs.scores import ScoreRow
from icon.types import Keep

SHARES = (0.05, 0.10, 0.15, 0.25)
"""The tops whose overlap is told."""
GAIN_SHARE = 0.15
"""The top whose captured gain is told: what the paper keeps."""


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
