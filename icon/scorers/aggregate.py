"""From measurements to contributions: the score of each candidate and what stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from icon.errors import PluginError
from icon.plugins import ContributionScorer, TogetherScorer
from icon.scorers import formulas
from icon.types import Contribution, Measurement, Status

FloatArray = NDArray[np.float64]


def by_candidate(measurements: Iterable[Measurement]) -> dict[str, list[Measurement]]:
    """The measurements of each candidate, in the order in which candidates first appear."""
    found: dict[str, list[Measurement]] = defaultdict(list)
    for each in measurements:
        found[each.candidate].append(each)
    return dict(found)


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
        scorer: Gives the score.
    """
    failed = [each for each in measurements if each.status != Status.OK]
    if failed:
        first = failed[0]
        reason = (
            first.reason if len(measurements) == 1 else f"{len(failed)} of {len(measurements)} failed: {first.reason}"
        )
        return Contribution(candidate, None, status=first.status, reason=reason)
    columns = {name: _column(measurements, name) for name in ("c", "log_gain", "value")}
    c, log_gain = columns["c"], columns["log_gain"]
    score = scorer.score(c, log_gain, columns["value"])
    if not np.isfinite(score):
        return Contribution(candidate, None, status=Status.NOT_FINITE, reason=f"the score is {score}")
    notes = "; ".join(dict.fromkeys(each.reason for each in measurements if each.reason))
    if measurements[0].assessment is None:
        return Contribution(candidate, score, n_assessed=0, reason=notes)
    has_c = not np.isnan(c).any()
    return Contribution(
        candidate,
        score,
        standard_error=formulas.standard_error(columns[scorer.column]),
        log_gain=_mean(log_gain),
        consistency=formulas.consistency(c) if has_c else None,
        coverage=formulas.coverage(c) if has_c else None,
        stability=formulas.stability(c) if has_c else None,
        n_assessed=len(c),
        groups=_group_contributions(measurements, c if has_c else columns[scorer.column], groups),
        reason=notes,
    )


def contributions(
    measurements: Mapping[str, Sequence[Measurement]], groups: Mapping[str, str | None], scorer: ContributionScorer
) -> dict[str, Contribution]:
    """Contributions by candidate; a scorer that scores all candidates together does so here.

    Args:
        measurements: All measurements of each candidate.
        groups: Task group of each assessment sample, by id.
        scorer: Gives the scores.

    Raises:
        PluginError: The scorer left out a candidate, or a score is not finite.
    """
    found = {id_: contribution(id_, rows, groups, scorer) for id_, rows in measurements.items()}
    if not isinstance(scorer, TogetherScorer):
        return found
    usable = {id_: measurements[id_] for id_, each in found.items() if each.status == Status.OK}
    scores = scorer.together(usable)
    if missing := [id_ for id_ in usable if not np.isfinite(scores.get(id_, np.nan))]:
        name = type(scorer).__name__
        raise PluginError(f"scorer {name}: its method together gave no finite score for candidate {missing[0]}")
    return {
        id_: replace(each, score=float(scores[id_]), standard_error=None) if id_ in usable else each
        for id_, each in found.items()
    }


def _mean(values: FloatArray) -> float | None:
    """The mean; None where there is nothing to take it of."""
    return None if np.isnan(values).any() else float(np.mean(values))


def _group_contributions(
    measurements: Sequence[Measurement], c: FloatArray, groups: Mapping[str, str | None]
) -> dict[str, float]:
    """Mean over the assessment samples of each task group, by the group's name: of c_ij, or of what takes its place."""
    members: dict[str, list[float]] = defaultdict(list)
    for each, value in zip(measurements, c, strict=True):
        group = groups.get(each.assessment or "")
        if group is not None:
            members[group].append(float(value))
    return {group: float(np.mean(members[group])) for group in sorted(members)}


def _column(measurements: Sequence[Measurement], name: str) -> FloatArray:
    values = [getattr(each, name) for each in measurements]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def matrix(measurements: Mapping[str, Sequence[Measurement]], column: str = "c") -> tuple[list[str], FloatArray]:
    """Candidates without a failure by assessment samples: their ids and an array of shape (candidates, n)."""
    whole = {
        candidate: rows
        for candidate, rows in measurements.items()
        if all(each.status == Status.OK and each.assessment is not None for each in rows)
    }
    rows = [_column(each, column) for each in whole.values()]
    return list(whole), np.array(rows, dtype=np.float64) if rows else np.empty((0, 0))
