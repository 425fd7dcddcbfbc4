"""Several scores of the same candidates compared, joined by id: correlations, overlaps, captured gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import chain, combinations
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.results.agreed import CapturedGain, Correlation, GroupDifference, ScorePair, ScoreTable, TopOverlap
from icon.runs.row_view import RowView
from icon.runs.score_table import STATUSES
from icon.runs.scores import as_table
from icon.samples.ids import IntArray, id_array, texts_of
from icon.samples.places import Places, best_first
from icon.scorers.formulas import spearman
from icon.selection.scored import ScoreColumn
from icon.types import Keep, RowStatus, ScoreRow

SHARES = (0.05, 0.10, 0.15, 0.25)
"""The tops whose overlap is reported."""

GAIN_SHARE = 0.15
"""The top whose captured gain is reported: what the paper keeps."""

Scores = Mapping[str, Mapping[str, float]]

FloatArray = NDArray[np.float64]

TRIED = (RowStatus.SCORED, RowStatus.FAILED)

SOME = 8192
"""Numbers of a column that are made Python's at a time."""


def correlation(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray) -> Correlation:
    """Spearman's rank correlation of two lists in one order."""
    value, reason = spearman(a, b), ""
    if value is None:
        reason = f"{len(a)} in common, at least 3 are needed" if len(a) < 3 else "all values of one side are equal"
    return Correlation(value=value, n=len(a), reason=reason)


def top(scores: Mapping[str, float], n: int) -> list[str]:
    """Ids of the n highest scores, ties broken by id."""
    column = as_column(scores)
    return texts_of(column.ids[_top(column, n)])


def _top(scores: ScoreColumn, n: int) -> IntArray:
    """Places of the n highest scores, ties broken by id."""
    return best_first(scores.scores, Places(scores.ids).in_order)[:n]


def as_column(scores: Mapping[str, float]) -> ScoreColumn:
    """Scores by id as columns."""
    if isinstance(scores, ScoreColumn):
        return scores
    return ScoreColumn(id_array(scores), np.array(list(scores.values()), dtype=np.float64))


def in_both(a: ScoreColumn, b: ScoreColumn, n: int) -> int:
    """How many candidates are among the best n of both scores, which are of the same candidates in the same order."""
    tops = np.zeros((2, len(a)), dtype=np.bool_)
    tops[0, _top(a, n)] = True
    tops[1, _top(b, n)] = True
    return int(tops.all(axis=0).sum())


def drawn(a: ScoreColumn, b: ScoreColumn, n: int) -> float:
    """The share of the best n of a that is to be expected among those of b where draws decide between equal scores.

    Ids prefer the same candidates in both, so where scores tie at the cut two tops by ids have more in common than the
    scores have.

    Args:
        a: Scores of some candidates.
        b: The other scores of the same candidates, in the same order.
        n: From 1 to the number of candidates.
    """
    return float((chances(a.scores, n) * chances(b.scores, n)).sum()) / n


def overlaps(a: ScoreColumn, b: ScoreColumn) -> tuple[TopOverlap, ...]:
    """Overlap of the tops for each of `SHARES`.

    Args:
        a: Scores of some candidates.
        b: The other scores of the same candidates, in the same order.
    """
    found = []
    for share in SHARES:
        n = Keep(share=share).of(len(a))
        both = in_both(a, b, n)
        by_draws = drawn(a, b, n)
        found.append(TopOverlap(share=share, top=n, both=both, overlap=both / n, drawn=by_draws, expected=n / len(a)))
    return tuple(found)


def captured_gain(chosen_by: ScoreColumn, judged_by: ScoreColumn) -> CapturedGain:
    """(Mean of the chosen - mean of all) / (mean of the best - mean of all), each a mean of the judging scores.

    1: the choice is as good as the judging run's own; 0: no better than chance. Where choosing scores tie at the cut,
    it is what a draw between those that tie would capture on average, not what their ids happen to.

    Args:
        chosen_by: Scores whose top `GAIN_SHARE` is chosen.
        judged_by: Scores of the same candidates, in the same order, that the choice is judged by.
    """
    n, judging = Keep(share=GAIN_SHARE).of(len(judged_by)), judged_by.scores
    everything = mean(judging)
    best = mean(judging[_top(judged_by, n)]) - everything
    if n == len(judged_by) or (judging == judging[0]).all() or best <= 0:
        reason = "one candidate is all there is" if len(judged_by) == 1 else "no score is above the mean"
        return CapturedGain(value=None, top=n, reason=reason)
    chosen = mean(chances(chosen_by.scores, n) * judging) * len(judging) / n - everything
    return CapturedGain(value=chosen / best, top=n, reason="")


def chances(scores: FloatArray, n: int) -> FloatArray:
    """Chance of each to be among the n highest, where a draw decides between those that tie at the cut.

    Args:
        scores: Finite scores, shape (candidates,).
        n: From 1 to the number of candidates.
    """
    cut = np.partition(scores, len(scores) - n)[len(scores) - n]
    above, tied = scores > cut, scores == cut
    return np.asarray(above + tied * ((n - above.sum()) / tied.sum()))


def mean(values: FloatArray) -> float:
    """The mean, of a sum without rounding, so that the order does not matter."""
    return fmean(chain.from_iterable(values[start : start + SOME].tolist() for start in range(0, len(values), SOME)))


def group_differences(a: RowView, b: RowView) -> dict[str, GroupDifference]:
    """The group contributions of two runs compared, by task group.

    Args:
        a: Rows of candidates that are scored in both.
        b: The other run's rows of the same candidates, in the same order.
    """
    found = {}
    for name in sorted(set(a.table.names_in("groups")) & set(b.table.names_in("groups"))):
        ours, theirs = (side.table.of_map("groups", name)[side.places] for side in (a, b))
        both = ~np.isnan(ours) & ~np.isnan(theirs)
        if both.any():
            ours, theirs = ours[both], theirs[both]
            found[name] = GroupDifference(
                n=len(ours),
                mean_a=mean(ours),
                mean_b=mean(theirs),
                difference=mean(theirs) - mean(ours),
                spearman=correlation(ours, theirs),
            )
    return found


def scores_of_run(rows: Sequence[ScoreRow], scorer: str) -> dict[str, ScoreColumn]:
    """Scores by scorer and candidate: the run's own scorer first, then its baselines.

    Args:
        rows: scores.parquet.
        scorer: Name of the run's own scorer.
    """
    table = as_table(rows)
    tried = np.isin(table.statuses, [STATUSES.index(status) for status in TRIED])
    names = dict.fromkeys([scorer])
    missing = set(table.names_in("baselines"))
    for row in table.passing(["baselines"]) if missing else ():
        if row.status in TRIED:
            names |= dict.fromkeys(row.baselines)
            missing -= row.baselines.keys()
        if not missing:
            break
    ids = table.ids[tried]
    columns = {name: table.of_map("baselines", name)[tried] for name in [*names][1:]}
    return {
        name: ScoreColumn(ids, scores) for name, scores in {scorer: table.numbers("score")[tried], **columns}.items()
    }


def scores_of_runs(runs: Mapping[str, Sequence[ScoreRow]]) -> dict[str, ScoreColumn]:
    """The own scores of each run by candidate."""
    found = {}
    for name, rows in runs.items():
        table = as_table(rows)
        scored = table.statuses == STATUSES.index(RowStatus.SCORED)
        found[name] = ScoreColumn(table.ids[scored], table.numbers("score")[scored])
    return found


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
    columns = {name: as_column(found) for name, found in scores.items()}
    common = reduce(np.intersect1d, (column.ids for column in columns.values()))
    if not len(common):
        counts = ", ".join(f"{name}: {len(ids):,}" for name, ids in scores.items())
        raise InputError(f"no candidate is scored by all of them ({counts}); valid: scores that meet")
    n = keep.of(len(common))
    values = {name: ScoreColumn(common, one.scores[Places(one.ids).of(common)]) for name, one in columns.items()}
    return ScoreTable(
        names=tuple(names),
        candidates=len(common),
        left_out={name: len(ids) - len(common) for name, ids in scores.items()},
        top=n,
        keep=str(keep),
        expected=n / len(common),
        pairs=tuple(_pair(a, b, values, n) for a, b in combinations(names, 2)),
    )


def _pair(a: str, b: str, values: Mapping[str, ScoreColumn], n: int) -> ScorePair:
    ours, theirs = values[a], values[b]
    both = in_both(ours, theirs, n)
    found = correlation(ours.scores, theirs.scores)
    return ScorePair(a=a, b=b, spearman=found, both=both, overlap=both / n, drawn=drawn(ours, theirs, n))
