"""Scores at equal response length: what the logarithm of the length does not explain, or ranks within strata of length.

A score that follows length chooses by length. At equal length candidates are compared with others of their own length:

    regress   r_j = s_j - (a + b log l_j), with a and b by least squares over the scored candidates
    strata    r_j = (rank of s_j within its stratum of length - 1/2) / size of the stratum, from 0 to 1

l_j is the length of the response, in tokens where the scorer counted them for every scored candidate, else in
characters. For a score that is a mean over assessment samples, r_j is the mean of the residuals of each sample's
column, since least squares are linear; so a race takes the length out of each column, and reaches the same scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.config import RunConfig
from icon.errors import ConfigError
from icon.plugins import ContextScorer, ContributionScorer
from icon.scorers.aggregate import matrix
from icon.scorers.formulas import mean_ranks, standard_error
from icon.types import Contribution, Measurement, Sample, Status

How = Literal["regress", "strata", "none"]
Unit = Literal["tokens", "characters"]
FloatArray = NDArray[np.float64]

FEWEST = 3
"""The fewest scored candidates whose length can be taken out: two points lie on a line whatever they say."""
STRATA, PER_STRATUM = 10, 10
"""Most strata, and the fewest candidates of each, about: equal lengths stay together."""
ROUNDING = 1e-12
"""Logarithms this near to their mean are at it: those of two different lengths are much farther apart."""
ENOUGH = 20
"""A column of a race with this many candidates has a line of its own; others share the mean slope of those."""


def how_of(config: RunConfig, scorer: ContributionScorer, *, is_main: bool = True, strata: bool = True) -> How:
    """How a scorer's scores are made equal in length under these settings.

    Args:
        config: `auto` is the scorer's own preference, its attribute `equal_length`, and none where it has no such.
            Where a scorer prefers strata, least squares stand in for them in a race, which needs means over assessment
            samples, and where `strata` is false. Strata that the user asks for are not replaced.
        scorer: The scorer.
        is_main: Whether it is the run's own. A baseline follows its own preference, or the setting none.
        strata: Whether ranks within strata say something; see `have_strata`.
    """
    if config.equal_length != "auto" and (is_main or config.equal_length == "none"):
        return config.equal_length
    preferred: How = getattr(scorer, "equal_length", "none")
    raced = is_main and (config.schedule in ("race", "uniform") or config.budget is not None)
    return "regress" if preferred == "strata" and (raced or not strata) else preferred


def have_strata(n_candidates: int, *, narrowed: bool = False) -> bool:
    """Whether ranks within strata of length say how candidates compare.

    They do not where the candidates make one stratum only, nor where most were chosen by another score, which may
    follow the length: the rank of the few others is then among few of their own length.

    Args:
        n_candidates: How many are scored.
        narrowed: Whether they are the best of the pool by a cheap score.
    """
    return not narrowed and n_candidates >= 2 * PER_STRATUM


def response_lengths(
    samples: Mapping[str, Sample],
    measurements: Mapping[str, Sequence[Measurement]],
    scorer: ContributionScorer,
    skip_tokens: int = 0,
) -> tuple[dict[str, float], Unit]:
    """Lengths of the scored candidates' responses, at least 1, and their unit.

    Only the scorer's own measurements are looked at, so that a baseline that joins later does not change the unit.

    Args:
        samples: The candidates by id.
        measurements: The scorer's measurements of each scored candidate, by id.
        scorer: The scorer.
        skip_tokens: How many tokens of each response its `n_tokens` leaves out.
    """
    of_candidates = isinstance(scorer, ContextScorer)
    sound = [id_ for id_, rows in measurements.items() if {row.status for row in rows} - {Status.MASKED} == {Status.OK}]
    tokens: dict[str, float] = {}
    for id_ in sound:
        counts = [row.n_tokens for row in measurements[id_] if of_candidates or row.assessment is None]
        if counts and counts[0] is not None:
            tokens[id_] = float(counts[0] + skip_tokens)
    if sound and len(tokens) == len(sound):
        return tokens, "tokens"
    return {id_: float(max(1, len(samples[id_].response))) for id_ in sound}, "characters"


def residuals(scores: FloatArray, lengths: FloatArray) -> FloatArray:
    """What the logarithm of the length does not explain: r_j = s_j - (a + b log l_j), by least squares.

    Where all lengths are the same, b is 0, and the residual is the distance from the mean.

    Args:
        scores: Shape (candidates,).
        lengths: Lengths above 0, same shape.
    """
    x = np.log(lengths)
    x = _without_rounding(x - x.mean())
    spread = float(x @ x)
    slope = float(x @ scores) / spread if spread > 0 else 0.0
    return np.asarray(scores - scores.mean() - slope * x)


def column_residuals(values: FloatArray, lengths: FloatArray) -> FloatArray:
    """The residuals of each column of a race over the candidates that were measured in it.

    A column with fewer than `ENOUGH` of them has the mean slope of the others; where no column has so many, each has
    its own. Where everything is measured, the mean over the columns is `residuals` of the mean.

    Args:
        values: Shape (candidates, assessment samples), NaN where not measured.
        lengths: Lengths of the responses, above 0, shape (candidates,).
    """
    known = ~np.isnan(values)
    counts = known.sum(axis=0)
    x = np.log(lengths)[:, None]
    some = np.maximum(counts, 1)
    x_mean = np.where(known, x, 0.0).sum(axis=0) / some
    mean = np.where(known, values, 0.0).sum(axis=0) / some
    centred = _without_rounding(np.where(known, x - x_mean, 0.0))
    spread = (centred**2).sum(axis=0)
    products = (centred * np.where(known, values - mean, 0.0)).sum(axis=0)
    slopes = np.where((spread > 0) & (counts >= FEWEST), products / np.where(spread > 0, spread, 1.0), 0.0)
    if (counts >= ENOUGH).any():
        slopes = np.where(counts >= ENOUGH, slopes, slopes[counts >= ENOUGH].mean())
    return np.asarray(values - mean - slopes * (x - x_mean))


def strata_of(lengths: FloatArray) -> NDArray[np.int64]:
    """The stratum of each length, from 0 for the shortest: deciles, or fewer so that each holds about ten.

    Equal lengths are in one stratum, so strata may differ in size.
    """
    n = len(lengths)
    count = max(1, min(STRATA, n // PER_STRATUM))
    places = (mean_ranks(lengths) - 0.5) / max(1, n)  # equal lengths share the mean of their places
    return np.asarray(np.minimum(count - 1, (places * count).astype(np.int64)))


def ranks_within(scores: FloatArray, lengths: FloatArray) -> FloatArray:
    """(rank within the stratum of length - 1/2) / size of the stratum, 1 for the best; equal scores share a rank."""
    strata = strata_of(lengths)
    found = np.empty(len(scores))
    for stratum in np.unique(strata):
        inside = strata == stratum
        found[inside] = (mean_ranks(scores[inside]) - 0.5) / inside.sum()
    return found


def levelled(scores: FloatArray, lengths: FloatArray, how: How) -> FloatArray:
    """The scores at equal length, shape (candidates,)."""
    if how == "none":
        return scores
    return residuals(scores, lengths) if how == "regress" else ranks_within(scores, lengths)


def at_equal_length(
    contributions: Mapping[str, Contribution],
    measurements: Mapping[str, Sequence[Measurement]],
    lengths: Mapping[str, float],
    how: How,
    column: str,
) -> dict[str, Contribution]:
    """The contributions with their scores at equal length and the measured scores in `raw_score`.

    The standard error is that of the residuals over the assessment samples; the error of the line itself, which all
    candidates share, is not in it. A rank within a stratum has none. Other statistics stay those of the measurements.

    Args:
        contributions: By candidate id, from every pair; those without a score stay as they are.
        measurements: The measurements behind them.
        lengths: Length of each scored candidate's response.
        how: regress, strata, or none for no change.
        column: The column of the measurements that the standard error is computed from.

    Raises:
        ConfigError: Fewer candidates than `FEWEST` have a score.
    """
    if how == "none":
        return dict(contributions)
    # In the order of ids, so that no last bit depends on the order in which candidates were measured.
    scores = {id_: one.score for id_, one in sorted(contributions.items()) if one.score is not None}
    refuse_too_few(how, len(scores))
    by = np.array([lengths[id_] for id_ in scores])
    made = levelled(np.array(list(scores.values())), by, how)
    errors = _errors({id_: measurements[id_] for id_ in scores}, by, column) if how == "regress" else {}
    found = dict(contributions)
    for id_, score in zip(scores, made, strict=True):
        error = errors.get(id_) if contributions[id_].standard_error is not None else None
        found[id_] = replace(contributions[id_], score=float(score), raw_score=scores[id_], standard_error=error)
    return found


def refuse_too_few(how: How, n_scored: int) -> None:
    """Refuse to compare fewer candidates than `FEWEST` at equal length.

    Raises:
        ConfigError: There are fewer.
    """
    if how != "none" and n_scored < FEWEST:
        raise ConfigError(
            f"equal_length {how}: found {n_scored} scored candidates; valid: at least {FEWEST}, to compare them at "
            "equal length, or --equal-length none"
        )


def _errors(measurements: Mapping[str, Sequence[Measurement]], lengths: FloatArray, column: str) -> dict[str, float]:
    """Standard errors of the residuals by id; empty where the candidates were not measured on the same samples."""
    if len({len(rows) for rows in measurements.values()}) != 1:
        return {}
    ids, values = matrix(measurements, column)
    if len(ids) != len(measurements) or np.isnan(values).any():
        return {}
    found = {id_: standard_error(row) for id_, row in zip(ids, column_residuals(values, lengths), strict=True)}
    return {id_: error for id_, error in found.items() if error is not None}


def _without_rounding(centred: FloatArray) -> FloatArray:
    """Centred logarithms, 0 where they differ from the mean by rounding alone: a slope over those is arbitrary."""
    return np.where(np.abs(centred) < ROUNDING, 0.0, centred)
