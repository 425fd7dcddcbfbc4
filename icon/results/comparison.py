"""Outcome of a comparison, as frozen records: what `icon compare --json` prints."""

from __future__ import annotations

from pydantic import JsonValue

from icon.results.agreed import CapturedGain, Correlation, GroupDifference, ScoreTable, TopOverlap
from icon.results.records import OfRun
from icon.runs.records import Record


class RowCounts(Record):
    """Candidates of each run and of both, by id, and rows of each that are no candidate."""

    a: int
    b: int
    both: int
    only_a: int
    only_b: int
    no_candidate_a: int
    no_candidate_b: int


class ScoredCounts(Record):
    """Scored candidates of each run, and of both."""

    a: int
    b: int
    both: int


class Correlations(Record):
    """Rank correlations over the candidates that are scored in both runs."""

    score: Correlation
    log_gain: Correlation


class SelectionOverlap(Record):
    """Selected candidates, scored or not: counts, Jaccard index, and the share of each selection in the other."""

    a: int
    b: int
    both: int
    jaccard: float | None
    share_of_a: float | None
    share_of_b: float | None


class CapturedGains(Record):
    """Captured gain of the top `share` of each run, judged by the scores of the other."""

    share: float
    a_in_b: CapturedGain
    b_in_a: CapturedGain


class UnsharedGroups(Record):
    """Task groups that only one of the runs has contributions for."""

    a: tuple[str, ...]
    b: tuple[str, ...]


class SettingDifference(Record):
    """A setting that differs, with its value in each run; None where a run has no such setting."""

    name: str
    a: JsonValue
    b: JsonValue


class Comparison(Record):
    """Two runs compared; candidates are joined by id.

    Attributes:
        a: The first run.
        b: The second.
        warnings: Inputs that differ, and runs that were stopped or selected nothing, a sentence for each.
        rows: Counts of candidates.
        scored: Counts of scored candidates.
        spearman: Rank correlations.
        overlap: Overlap of the tops.
        selected: Overlap of the selections.
        captured_gain: Captured gain in both directions.
        groups: Differences by task group.
        groups_only: Task groups of one run alone.
        settings: Settings that differ.
    """

    a: str
    b: str
    warnings: tuple[str, ...]
    rows: RowCounts
    scored: ScoredCounts
    spearman: Correlations
    overlap: tuple[TopOverlap, ...]
    selected: SelectionOverlap
    captured_gain: CapturedGains
    groups: dict[str, GroupDifference]
    groups_only: UnsharedGroups
    settings: tuple[SettingDifference, ...]


class ScorersOfRun(ScoreTable, OfRun):
    """The scorers of one run compared, with a warning where it was stopped or selected nothing."""

    warnings: tuple[str, ...] = ()


class SeveralRuns(ScoreTable):
    """The scores of several runs compared, with a warning for each input that differs from the first run's.

    Runs that were stopped or selected nothing have one, too.
    """

    warnings: tuple[str, ...]
