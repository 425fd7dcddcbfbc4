"""What a reader should know of a selection from scores at equal length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from icon.pipeline._alone import scores_of
from icon.results.at_length import AtLength
from icon.samples.ids import texts_of
from icon.scorers.lengths import FEWEST, PER_STRATUM, How
from icon.selection.decided import Decided
from icon.types import Contribution, Selection

ENOUGH = 20
"""Fewest selected of which it is said that they are on one side of the median length."""
ONE_SIDED = 0.8
"""Share of the selected on one side of the median from which on it is said: of 20 by chance in 1 of 80 selections."""


def strata_warning(how: How, main: Mapping[str, Contribution]) -> list[str]:
    """A warning where all candidates are in one stratum of length, whose ranks are those of the measured scores."""
    n = len(scores_of(main))
    if how != "strata" or n >= 2 * PER_STRATUM:
        return []
    return [
        f"equal_length strata: the {n} scored candidates are one stratum, so their order is as measured; two strata "
        f"need {2 * PER_STRATUM}, and --equal-length regress {FEWEST}"
    ]


def length_warning(how: How, main: Mapping[str, Contribution], selection: Selection) -> list[str]:
    """A warning where length alone decides half of a choice or more, since the scores as measured tie."""
    if how != "regress":
        return []
    decided = Decided.of(selection.decisions)
    kept = set(texts_of(decided.ids[decided.selected]))
    measured = {id_: one.raw_score for id_, one in main.items() if one.raw_score is not None}
    left_out = {score for id_, score in measured.items() if id_ not in kept}
    tied = sum(measured.get(id_) in left_out for id_ in kept)
    if 2 * tied < max(1, len(kept)):
        return []
    return [
        f"equal_length regress: {tied} of the {len(kept)} selected have the same measured score as candidates that are "
        "left out, and between these the length of the response alone decides; valid for such a score: --equal-length "
        "none, or more assessment samples"
    ]


def side_warning(at: AtLength, selection: Selection) -> list[str]:
    """A warning where four of five of the selected are on one side of the median length, at equal length all the same.

    Least squares take out how the mean score follows the length. Where scores of short responses differ more than those
    of long ones, as ratios do, both ends of the order are short responses still.
    """
    if at.how == "none":
        return []
    decided = Decided.of(selection.decisions)
    kept = texts_of(decided.ids[decided.selected])
    lengths, middle = [at.lengths[id_] for id_ in kept if id_ in at.lengths], np.median(list(at.lengths.values()))
    shorter, longer = sum(one < middle for one in lengths), sum(one > middle for one in lengths)
    if len(lengths) < ENOUGH or max(shorter, longer) < ONE_SIDED * len(lengths):
        return []
    n, side = max((shorter, "shorter"), (longer, "longer"))
    scored = "" if len(lengths) == len(kept) else " that are scored"
    other = "; --equal-length strata compares within lengths" if at.how == "regress" else ""
    medians = f"({np.median(lengths):,.0f} against {middle:,.0f} {at.unit} in the median)"
    return [
        f"equal_length {at.how}: {n:,} of the {len(lengths):,} selected{scored} have a response that is {side} than "
        f"the median of the scored {medians}, so this choice follows the length{other}"
    ]
