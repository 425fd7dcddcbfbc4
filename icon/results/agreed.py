"""Several scores of the same candidates compared, as frozen records."""

from __future__ import annotations

from icon.runs.records import Record


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
        overlap: both / k, where ids decide between equal scores, in both tops alike.
        drawn: The overlap to be expected where a draw of its own decides between equal scores in each of the two.
        expected: Overlap by chance: k / n.
    """

    share: float
    top: int
    both: int
    overlap: float
    drawn: float
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
    """Two scores by name: rank correlation, and what both have in their tops, as in `TopOverlap`."""

    a: str
    b: str
    spearman: Correlation
    both: int
    overlap: float
    drawn: float


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
