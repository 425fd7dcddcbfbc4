"""From measurements to contributions: the score of each candidate and the statistics shown with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from icon.plugins import ContributionScorer, GroupScorer, TogetherScorer
from icon.plugins.contract import called
from icon.scorers import formulas
from icon.scorers.received import score_of, scores_together
from icon.types import Contribution, Measurement, Status

FloatArray = NDArray[np.float64]


def by_candidate(measurements: Iterable[Measurement]) -> dict[str, list[Measurement]]:
    """The measurements of each candidate, in the order in which candidates first appear."""
    rows: dict[str, list[Measurement]] = defaultdict(list)
    for measurement in measurements:
        rows[measurement.candidate].append(measurement)
    return dict(rows)


def contribution(
    candidate: str, measurements: Sequence[Measurement], groups: Mapping[str, str | None], scorer: ContributionScorer
) -> Contribution:
    """One candidate's contribution; a single failed measurement leaves it without a score.

    A mean over the assessment samples that happened to work would compare candidates on different tasks, so a
    candidate is scored on all of them or not at all.

    Args:
        candidate: Its id.
        measurements: All its measurements.
        groups: Task group of each assessment sample, by id.
        scorer: Computes the score.

    Raises:
        PluginError: The score is no number.
    """
    notes = "; ".join(dict.fromkeys(row.reason for row in measurements if row.reason))
    measurements = _counted(measurements)
    failed = [row for row in measurements if row.status != Status.OK]
    if failed:
        first = failed[0]
        reason = (
            first.reason if len(measurements) == 1 else f"{len(failed)} of {len(measurements)} failed: {first.reason}"
        )
        return Contribution(candidate, None, status=first.status, reason=reason)
    columns = {name: _column(measurements, name) for name in ("c", "log_gain", "value")}
    c, log_gain = columns["c"], columns["log_gain"]
    standard_error = None
    if isinstance(scorer, GroupScorer):
        means = _group_means(measurements, columns[scorer.column], groups)
        given: object = called(scorer, "scorer", "of_groups", lambda: scorer.of_groups(means))
    else:
        given = called(scorer, "scorer", "score", lambda: scorer.score(c, log_gain, columns["value"]))
        standard_error = formulas.standard_error(columns[scorer.column])
    score = score_of(scorer, candidate, given)
    if not np.isfinite(score):
        return Contribution(candidate, None, status=Status.NOT_FINITE, reason=f"the score is {score}")
    if measurements[0].assessment is None:
        return Contribution(candidate, score, n_assessed=0, reason=notes)
    has_c = not np.isnan(c).any()
    return Contribution(
        candidate,
        score,
        standard_error=standard_error,
        log_gain=_mean(log_gain),
        consistency=formulas.consistency(c) if has_c else None,
        coverage=formulas.coverage(c) if has_c else None,
        stability=formulas.stability(c) if has_c else None,
        n_assessed=len(c),
        groups=_group_contributions(
            measurements, columns["c" if has_c and scorer.column != "value" else scorer.column], groups
        ),
        reason=notes,
    )


def contributions(
    measurements: Mapping[str, Sequence[Measurement]], groups: Mapping[str, str | None], scorer: ContributionScorer
) -> dict[str, Contribution]:
    """Contributions by candidate id; a scorer that scores all candidates together does so here.

    Args:
        measurements: All measurements of each candidate.
        groups: Task group of each assessment sample, by id.
        scorer: Computes the scores.

    Raises:
        PluginError: The scorer left out a candidate, or a score is no number or, of all together, not finite.
    """
    single = {id_: contribution(id_, rows, groups, scorer) for id_, rows in measurements.items()}
    if not isinstance(scorer, TogetherScorer):
        return single
    usable = {id_: measurements[id_] for id_, one in single.items() if one.status == Status.OK}
    scores = scores_together(
        scorer, list(usable), called(scorer, "scorer", "together", lambda: scorer.together(usable))
    )
    return {
        id_: replace(one, score=scores[id_], standard_error=None) if id_ in usable else one
        for id_, one in single.items()
    }


def _counted(measurements: Sequence[Measurement]) -> Sequence[Measurement]:
    """Those that are not masked; all of them where all are."""
    return [row for row in measurements if row.status != Status.MASKED] or measurements


def _mean(values: FloatArray) -> float | None:
    """The mean; None where a value is missing."""
    return None if np.isnan(values).any() else float(np.mean(values))


def _group_contributions(
    measurements: Sequence[Measurement], c: FloatArray, groups: Mapping[str, str | None]
) -> dict[str, float]:
    """Group contributions by the group's name: the mean over each task group of c_ij, or of the scorer's own values."""
    means = _group_means(measurements, c, groups)
    return {group: mean for group, mean in means.items() if group != ""}


def _group_means(
    measurements: Sequence[Measurement], values: FloatArray, groups: Mapping[str, str | None]
) -> dict[str, float]:
    """The mean over each task group, by its name in order; samples without a group are a group of their own, ""."""
    members: dict[str, list[float]] = defaultdict(list)
    for measurement, value in zip(measurements, values, strict=True):
        members[groups.get(measurement.assessment or "") or ""].append(float(value))
    return {group: float(np.mean(members[group])) for group in sorted(members)}


def _column(measurements: Sequence[Measurement], name: str) -> FloatArray:
    values = [getattr(row, name) for row in measurements]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def matrix(measurements: Mapping[str, Sequence[Measurement]], column: str = "c") -> tuple[list[str], FloatArray]:
    """Ids of the candidates without a failure, and their measurements as an array of shape (candidates, n)."""
    counted = {candidate: _counted(rows) for candidate, rows in measurements.items()}
    whole = {
        candidate: rows
        for candidate, rows in counted.items()
        if all(row.status == Status.OK and row.assessment is not None for row in rows)
    }
    values = [_column(rows, column) for rows in whole.values()]
    return list(whole), np.array(values, dtype=np.float64) if values else np.empty((0, 0))
