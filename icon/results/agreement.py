"""Several scores of the same candidates compared, joined by id: correlations, overlaps, captured gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean

from icon.errors import InputError
from icon.runs.records import Record
from icon.scorers.formulas import spearman
from icon.types import Keep, ScoreRow

SHARES = (0.05, 0.10, 0.15, 0.25)
"""The tops whose overlap is reported."""

GAIN_SHARE = 0.15
"""The top whose captured gain is reported: what the paper keeps."""

Scores = Mapping[str, Mapping[str, float]]


class Correlation(Record):
    """A rank correlation over n values; where there is none, None and the reason."""

    value: float | None
    n: int
    reason: str


class TopOverlap(Record):
    """Overlap of the top k of two scores.

    Attributes:
        share: Share of the candidates that the top is.
        top: Number of candidates in the top: k.
        both: Number of candidates in both tops.
        overlap: both / k.
        expected: Overlap by chance: k / n.
    """

    share: float
    top: int
    both: int
    overlap: float
    expected: float


class CapturedGain(Record):
    """Gain that the top of one score captures, judged by another; where there is none, None and the reason."""

    value: float | None
    top: int
    reason: str


class GroupDifference(Record):
    """Group contributions of two runs: n, the mean in each, mean difference (b - a), rank correlation."""

    n: int
    mean_a: float
    mean_b: float
    difference: float
    spearman: Correlation


class ScorePair(Record):
    """Two scores by name: rank correlation, and number and share of candidates that both have in their tops."""

    a: str
    b: str
    spearman: Correlation
    both: int
    overlap: float


class ScoreTable(Record):
    """Every two of several scores compared, over the candidates that all of them have.

    Attributes:
        names: Names of the scores.
        candidates: Number of candidates that all of them scored.
        left_out: By name, number of candidates that only some scored.
        top: Number of candidates in the top.
        keep: How much the top is, a share or a count: what the run selects now, of several runs the first.
        expected: Overlap of two tops by chance.
        pairs: Every two scores.
    """

    names: tuple[str, ...]
    candidates: int
    left_out: dict[str, int]
    top: int
    keep: str
    expected: float
    pairs: tuple[ScorePair, ...]


def correlation(a: Sequence[float], b: Sequence[float]) -> Correlation:
    """Spearman's rank correlation of two lists in one order."""
    value, reason = spearman(a, b), ""
    if value is None:
        reason = f"{len(a)} in common, at least 3 are needed" if len(a) < 3 else "all values of one side are equal"
    return Correlation(value=value, n=len(a), reason=reason)


def top(scores: Mapping[str, float], n: int) -> list[str]:
    """Ids of the n highest scores, ties broken by id."""
    return sorted(scores, key=lambda id_: (-scores[id_], id_))[:n]


def overlaps(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[TopOverlap, ...]:
    """Overlap of the tops for each of `SHARES`.

    Args:
        a: Scores by id.
        b: The other scores of the same ids.
    """
    found = []
    for share in SHARES:
        n = Keep(share=share).of(len(a))
        both = len(set(top(a, n)) & set(top(b, n)))
        found.append(TopOverlap(share=share, top=n, both=both, overlap=both / n, expected=n / len(a)))
    return tuple(found)


def captured_gain(chosen_by: Mapping[str, float], judged_by: Mapping[str, float]) -> CapturedGain:
    """(Mean of the chosen - mean of all) / (mean of the best - mean of all), each a mean of the judging scores.

    1: the choice is as good as the judging run's own; 0: no better than chance.

    Args:
        chosen_by: Scores whose top `GAIN_SHARE` is chosen, by id.
        judged_by: Scores of the same ids that the choice is judged by.
    """
    n = Keep(share=GAIN_SHARE).of(len(judged_by))
    everything = fmean(judged_by.values())
    best = fmean(judged_by[id_] for id_ in top(judged_by, n)) - everything
    if n == len(judged_by) or len(set(judged_by.values())) == 1 or best <= 0:
        reason = "one candidate is all there is" if len(judged_by) == 1 else "no score is above the mean"
        return CapturedGain(value=None, top=n, reason=reason)
    chosen = fmean(judged_by[id_] for id_ in top(chosen_by, n)) - everything
    return CapturedGain(value=chosen / best, top=n, reason="")


def group_differences(a: Mapping[str, ScoreRow], b: Mapping[str, ScoreRow]) -> dict[str, GroupDifference]:
    """The group contributions of two runs compared, by task group.

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
            found[name] = GroupDifference(
                n=len(ids),
                mean_a=fmean(ours),
                mean_b=fmean(theirs),
                difference=fmean(theirs) - fmean(ours),
                spearman=correlation(ours, theirs),
            )
    return found


def scores_of_run(rows: Sequence[ScoreRow], scorer: str) -> dict[str, dict[str, float]]:
    """Scores by scorer and candidate: the run's own scorer first, then its baselines.

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


def tabulate(scores: Scores, keep: Keep) -> ScoreTable:
    """Rank correlation and overlap of the tops for every two of these scores, over the candidates they all have.

    Args:
        scores: Scores by name and candidate id.
        keep: The top whose overlap is reported.

    Raises:
        InputError: Fewer than two scores, or no candidate that all of them have.
    """
    names = list(scores)
    if len(names) < 2:
        raise InputError(f"found the scores of {names[0] if names else 'no scorer'} alone; valid: two or more")
    common = sorted(set.intersection(*(set(ids) for ids in scores.values())))
    if not common:
        counts = ", ".join(f"{name}: {len(ids):,}" for name, ids in scores.items())
        raise InputError(f"no candidate is scored by all of them ({counts}); valid: scores that meet")
    n = keep.of(len(common))
    values = {name: {id_: scores[name][id_] for id_ in common} for name in names}
    return ScoreTable(
        names=tuple(names),
        candidates=len(common),
        left_out={name: len(ids) - len(common) for name, ids in scores.items()},
        top=n,
        keep=str(keep),
        expected=n / len(common),
        pairs=tuple(_pair(a, b, values, n) for a, b in combinations(names, 2)),
    )


def _pair(a: str, b: str, values: Scores, n: int) -> ScorePair:
    both = set(top(values[a], n)) & set(top(values[b], n))
    ranks = correlation(list(values[a].values()), list(values[b].values()))
    return ScorePair(a=a, b=b, spearman=ranks, both=len(both), overlap=len(both) / n)
